//! What the operating system says, in words that need no manual.

use std::io::{Error, ErrorKind};

/// Why a file cannot be read or written, to follow a colon: `there is no such file`.
pub fn os_words(error: &Error) -> String {
    let words = match error.kind() {
        ErrorKind::NotFound => "there is no such file or folder",
        ErrorKind::PermissionDenied => "permission denied",
        ErrorKind::AddrInUse => "this address is already in use",
        ErrorKind::AlreadyExists => "it already exists",
        ErrorKind::IsADirectory => "it is a folder, not a file",
        ErrorKind::NotADirectory => "a part of its path is a file, not a folder",
        ErrorKind::InvalidData => "it is not UTF-8 text",
        ErrorKind::StorageFull => "the disk is full",
        ErrorKind::ReadOnlyFilesystem => "the disk is read-only",
        _ => {
            let words = error.to_string();
            return words.split_once(" (os error ").map_or(words.as_str(), |(words, _)| words).to_owned();
        }
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_reasons_have_words_and_others_lose_their_number() {
        let missing = std::fs::read("/there/is/no/such/file").expect_err("a missing file");
        assert_eq!(os_words(&missing), "there is no such file or folder");
        assert_eq!(os_words(&Error::from_raw_os_error(24)), "Too many open files");
        assert_eq!(os_words(&Error::other("odd")), "odd");
    }
}
