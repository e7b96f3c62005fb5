//! The room on its own: names, files, locks.
