//! What the process exits with: what *kind* of thing went wrong, so that CI need not read the report.

/// An exit code. Where several apply, it is the first of this order: 2, 1, 3, 6, 4, 130, 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitCode {
    /// 0: all that ran has passed.
    Passed,
    /// 1: an expectation failed.
    Failed,
    /// 2: a file or an option is wrong; nothing was called.
    Usage,
    /// Any code of a run's last event: 1 and those below.
    ///
    /// 3: a provider refused, or a login failed in another way. 6: a login needs a person. 4: the environment could not be
    /// reached or timed out. 130: interrupted.
    Run(u8),
}

impl ExitCode {
    /// The number.
    pub fn number(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Run(code) => code,
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        code.number().into()
    }
}
