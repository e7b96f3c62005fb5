//! The review, by a person at a terminal: Python's pty is the terminal, and a script of what is typed the person.

use snapbox::{assert_data_eq, str};

use crate::support::{Project, plain};
use crate::{expected, expecting};

/// Waits for each prompt, types the next answer, and prints all that the terminal showed, and how it ended.
const TERMINAL: &str = r#"
import os, pty, select, signal, sys, time
answers = sys.argv[1].split('|')
pid, fd = pty.fork()
if pid == 0:
    # Whoever runs the tests in the background may have it ignored.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execv(sys.argv[2], sys.argv[2:])
seen, shown, deadline = b'', b'', time.time() + 60
def prompted(text):
    return text.endswith(b'] ') and text.split(b'\n')[-1].startswith((b'a accept', b'matcher'))
while time.time() < deadline:
    ready, _, _ = select.select([fd], [], [], 0.2)
    if ready:
        try:
            more = os.read(fd, 65536)
        except OSError:
            break
        if not more:
            break
        shown += more
        seen += more
    if answers and prompted(seen):
        answer = answers.pop(0)
        seen = b''
        os.write(fd, {'^C': b'\x03', '^D': b'\x04'}.get(answer, answer.encode() + b'\r'))
if time.time() >= deadline:
    os.kill(pid, 9)
_, status = os.waitpid(pid, 0)
code = os.waitstatus_to_exitcode(status)
sys.stdout.write(shown.decode().replace('\r\n', '\n') + 'exit ' + str(code) + '\n')
"#;

fn review(project: &Project, answers: &str, arguments: &[&str]) -> String {
    project.write("terminal.py", TERMINAL);
    let mut command = project.command(arguments);
    let binary = command.get_program().to_owned();
    let arguments: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
    let variables: Vec<_> =
        command.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect();
    command = std::process::Command::new("python3");
    command.arg("terminal.py").arg(answers).arg(binary).args(arguments).current_dir(project.folder());
    command.env_clear().envs(variables).env("NO_COLOR", "1").env("TERM", "xterm");
    let output = command.output().expect("Python is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    plain(&String::from_utf8_lossy(&output.stdout))
}

fn three() -> Project {
    let answer = r#"{"id": "0190f5e2-7c39-7b1a-9c55-5a8a6e4b1c11", "state": "CANCELLED", "items": [{"n": 1, "at": "x"}], "name": "<b>"}"#;
    let project = expecting(
        answer,
        "json:\n  id: T-1 # its number\n  state: PLANNED\n  items:\n    - n: 1\n      at: y\n  name: \"{{ 'b' }}\"",
    );
    project.run(&[]).exits(1);
    project
}

#[test]
fn each_change_is_shown_and_asked_for() {
    let project = three();
    assert_data_eq!(
        review(&project, "?|a|m|string|i|", &["accept"]),
        str![[r#"
[1/4] A trip › GET /a.json
error[expect.json]: $.id came otherwise
 --> trip.yaml:7:13
  |
7 |         id: T-1 # its number
  |             ^^^

        json:
-  id: T-1 # its number
+         id: <uuid> # its number
          state: PLANNED
a accept, l literally, m matcher, i ignore $.id, s skip, q quit, ? help [a] ?
a  accept: the file says what came
  l  accept it literally, though it differs from run to run
  m  accept as a matcher, which you name
  i  ignore this path from now on
  s  skip: it stays pending
  q  quit: what was accepted so far is written, the rest stays pending
  Ctrl-C or Ctrl-D: leave, and write nothing
a accept, l literally, m matcher, i ignore $.id, s skip, q quit, ? help [a] a

[2/4] A trip › GET /a.json
error[expect.json]: $.state came otherwise
 --> trip.yaml:8:16
  |
8 |         state: PLANNED
  |                ^^^^^^^

          id: <uuid> # its number
-  state: PLANNED
+         state: CANCELLED
          items:
a accept, m matcher, i ignore $.state, s skip, q quit, ? help [a] m
matcher, or `-` for none [<string>] string

[3/4] A trip › GET /a.json
error[expect.json]: $.items[0].at came otherwise
  --> trip.yaml:11:17
   |
11 |             at: y
   |                 ^

            - n: 1
-  at: y
+             at: x
          name: "{{ 'b' }}"
a accept, m matcher, i ignore $.items[*].at, s skip, q quit, ? help [a] i

[4/4] A trip › GET /a.json
error[expect.json]: $.name came otherwise
  --> trip.yaml:12:15
   |
12 |         name: "{{ 'b' }}"
   |               ^^^^^^^^^^^
   |
   = note: a template stands here: {{ 'b' }}

              at: y
-  name: "{{ 'b' }}"
+         name: "//<b>"
        ignore: ["$.items[*].at"]
a accept, m matcher, i ignore $.name, s skip, q quit, ? help [s] 

trip.yaml: 3 changes
1 change still pending
exit 0

"#]]
    );
    assert_data_eq!(
        expected(&project),
        str![[r#"
json:
  id: <uuid> # its number
  state: <string>
  items:
    - n: 1
      at: y
  name: "{{ 'b' }}"
ignore: ["$.items[*].at"]

"#]]
    );
    project.run(&[]).exits(1).says("$.name is not what was expected");
}

#[test]
fn what_was_accepted_before_quitting_is_written() {
    let project = three();
    let shown = review(&project, "l|x|s|q", &["accept"]);
    assert!(shown.contains("one of these letters, and Enter"), "{shown}");
    assert!(shown.ends_with("trip.yaml: 1 change\n3 changes still pending\nexit 0\n"), "{shown}");
    assert!(
        expected(&project)
            .starts_with("json:\n  id: 0190f5e2-7c39-7b1a-9c55-5a8a6e4b1c11 # its number\n  state: PLANNED\n")
    );
    // What was skipped is there the next time.
    assert!(review(&project, "a|a|a", &["accept"]).contains("trip.yaml: 3 changes\nexit 0"));
    project.run(&[]).exits(0);
}

#[test]
fn a_matcher_must_hold_for_what_came() {
    let project = three();
    let shown = review(&project, "m|integer|uuidd|-|m||q", &["accept"]);
    assert!(shown.contains("<integer> does not hold for what came: a string, not an integer"), "{shown}");
    assert!(shown.contains("there is no matcher `uuidd`\n"), "{shown}");
    assert!(expected(&project).starts_with("json:\n  id: <uuid> # its number\n"));
}

#[test]
fn where_no_matcher_can_stand_none_is_asked_for() {
    let project = expecting("GIF89a", "bytes:\n  length: 1\n  magic: png");
    project.run(&[]).exits(1);
    let shown = review(&project, "m|integer|m|a", &["accept"]);
    assert!(shown.contains("\na accept, s skip, q quit, ? help [s] m\none of these letters, and Enter\n"), "{shown}");
    assert_eq!(expected(&project), "bytes:\n  length: <integer>\n  magic: gif\n");
    project.run(&[]).exits(0);
}

#[test]
fn ctrl_c_and_the_end_of_input_leave_every_file_as_it_was() {
    for (answers, end) in [("a|^D", "nothing was written\nexit 130\n"), ("a|^C", "exit -2\n")] {
        let project = three();
        let before = project.read("trip.yaml");
        let shown = review(&project, answers, &["accept"]);
        assert!(shown.ends_with(end), "{shown}");
        assert_eq!(project.read("trip.yaml"), before);
        assert_eq!(
            project.names(),
            [".callsheet", "callsheet.yaml", "terminal.py", "trip.yaml", "www"],
            "nothing half written lies about"
        );
    }
}
