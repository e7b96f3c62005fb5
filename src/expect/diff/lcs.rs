//! The longest common subsequence of two lists (Myers 1986), bounded.

/// More differences than this are not aligned.
const MAX_EDITS: usize = 1_000;
/// More questions than this for each element, and these in any case, are not asked.
const QUESTIONS_EACH: usize = 8;
const QUESTIONS: usize = 2_000_000;

/// The pairs of a longest common subsequence of `n` and `m` elements, in order. `None` where the lists are so different
/// that finding it would take too long, or where `same` says that it has no more time to tell.
pub(super) fn pairs(
    n: usize,
    m: usize,
    mut same: impl FnMut(usize, usize) -> Option<bool>,
) -> Option<Vec<(usize, usize)>> {
    if n == 0 || m == 0 {
        return Some(Vec::new());
    }
    let bound = (n + m).min(MAX_EDITS);
    let mut questions = (n + m).saturating_mul(QUESTIONS_EACH).saturating_add(QUESTIONS);
    // `reach[k]` is how far along the first list the path on diagonal `k` comes; `k` counts from `-bound`.
    let mut reach = vec![0_usize; 2 * bound + 3];
    let mut trace: Vec<Vec<usize>> = Vec::new();
    for edits in 0..=bound {
        trace.push(reach[bound + 1 - edits..=bound + 1 + edits].to_vec());
        // Diagonals on which one list has been left hold no path.
        for k in (0..=edits).map(|step| bound + 1 + 2 * step - edits) {
            let down = edits > 0 && (k == bound + 1 - edits || (k != bound + 1 + edits && reach[k - 1] < reach[k + 1]));
            let mut x = match (edits, down) {
                (0, _) => 0,
                (_, true) => reach[k + 1],
                (_, false) => reach[k - 1] + 1,
            };
            // y = x - (k - centre)
            let Some(mut y) = (x + bound + 1).checked_sub(k) else { continue };
            while x < n && y < m {
                questions = questions.checked_sub(1)?;
                if !same(x, y)? {
                    break;
                }
                x += 1;
                y += 1;
            }
            reach[k] = x;
            if x >= n && y >= m {
                return Some(walk_back(&trace, n, m));
            }
        }
    }
    None
}

/// The same for lists of which one has very few elements: by the table of all prefixes.
pub(super) fn of_few(
    n: usize,
    m: usize,
    mut same: impl FnMut(usize, usize) -> Option<bool>,
) -> Option<Vec<(usize, usize)>> {
    let columns = m + 1;
    // How many pairs there are behind `x` and `y`.
    let mut longest = vec![0_u8; (n + 1) * columns];
    let mut equal = vec![false; n * m];
    for x in (0..n).rev() {
        for y in (0..m).rev() {
            equal[x * m + y] = same(x, y)?;
            longest[x * columns + y] = if equal[x * m + y] {
                longest[(x + 1) * columns + y + 1] + 1
            } else {
                longest[(x + 1) * columns + y].max(longest[x * columns + y + 1])
            };
        }
    }
    let (mut x, mut y, mut found) = (0, 0, Vec::new());
    while x < n && y < m {
        if equal[x * m + y] {
            found.push((x, y));
            (x, y) = (x + 1, y + 1);
        } else if longest[(x + 1) * columns + y] >= longest[x * columns + y + 1] {
            x += 1;
        } else {
            y += 1;
        }
    }
    Some(found)
}

/// From the end to the start, through the furthest points of each number of edits.
fn walk_back(trace: &[Vec<usize>], mut x: usize, mut y: usize) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (edits, reach) in trace.iter().enumerate().rev() {
        // `reach` was taken before this edit; in it, the diagonal of `x - y` stands at `x - y + edits`.
        let diagonal = x + edits - y;
        let at = |diagonal: usize| reach.get(diagonal).copied().unwrap_or(0);
        // Where the edit before began, and where it came out: one step along one of the lists.
        let (begin, out) = if edits == 0 {
            ((0, 0), (0, 0))
        } else if diagonal == 0 || (diagonal != 2 * edits && at(diagonal - 1) < at(diagonal + 1)) {
            let from = at(diagonal + 1);
            let begin = (from, from + edits - (diagonal + 1));
            (begin, (begin.0, begin.1 + 1))
        } else {
            let from = at(diagonal - 1);
            let begin = (from, from + edits - (diagonal - 1));
            (begin, (begin.0 + 1, begin.1))
        };
        while x > out.0 && y > out.1 {
            x -= 1;
            y -= 1;
            found.push((x, y));
        }
        (x, y) = begin;
    }
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use super::pairs;

    fn lcs(a: &str, b: &str) -> Option<Vec<(usize, usize)>> {
        let (a, b) = (a.as_bytes(), b.as_bytes());
        pairs(a.len(), b.len(), |x, y| Some(a[x] == b[y]))
    }

    #[test]
    fn known_cases() {
        assert_eq!(lcs("", ""), Some(vec![]));
        assert_eq!(lcs("ab", ""), Some(vec![]));
        assert_eq!(lcs("", "ab"), Some(vec![]));
        assert_eq!(lcs("abc", "abc"), Some(vec![(0, 0), (1, 1), (2, 2)]));
        assert_eq!(lcs("ac", "abc"), Some(vec![(0, 0), (1, 2)]));
        assert_eq!(lcs("abcabba", "cbabac").map(|pairs| pairs.len()), Some(4));
    }

    #[test]
    fn who_runs_out_of_time_gives_up() {
        let mut left = 3;
        let same = |_, _| {
            left -= 1;
            (left > 0).then_some(false)
        };
        assert_eq!(pairs(10, 10, same), None);
    }

    #[test]
    fn lists_with_nothing_in_common_are_given_up() {
        assert_eq!(pairs(100_000, 100_000, |_, _| Some(false)), None);
    }

    proptest::proptest! {
        #[test]
        fn as_long_as_by_the_table(a in "[ab]{0,12}", b in "[ab]{0,12}") {
            let (left, right) = (a.as_bytes(), b.as_bytes());
            let mut table = vec![vec![0; right.len() + 1]; left.len() + 1];
            for i in 0..left.len() {
                for j in 0..right.len() {
                    table[i + 1][j + 1] =
                        if left[i] == right[j] { table[i][j] + 1 } else { table[i][j + 1].max(table[i + 1][j]) };
                }
            }
            let few = super::of_few(left.len(), right.len(), |x, y| Some(left[x] == right[y])).expect("short");
            proptest::prop_assert_eq!(few.len(), table[left.len()][right.len()]);
            let found = lcs(&a, &b).expect("short");
            proptest::prop_assert_eq!(found.len(), table[left.len()][right.len()]);
            proptest::prop_assert!(found.windows(2).all(|two| two[0].0 < two[1].0 && two[0].1 < two[1].1));
            proptest::prop_assert!(found.iter().all(|(x, y)| left[*x] == right[*y]));
        }
    }
}
