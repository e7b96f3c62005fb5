//! `callsheet init`: a minimal project that runs at once.

use std::io::Write;

use super::args::InitOptions;
use super::exit::ExitCode;
use super::output::Output;
use crate::source::{Diagnostic, Sources, os_words};

/// What is written: name and text.
const FILES: [(&str, &str); 2] =
    [("callsheet.yaml", include_str!("init/callsheet.yaml")), ("trip.yaml", include_str!("init/trip.yaml"))];

pub(super) fn command(options: &InitOptions, output: &Output) -> ExitCode {
    let folder = &options.folder;
    if let Some((name, _)) = FILES.iter().find(|(name, _)| folder.join(name).exists()) {
        let what = format!("{} already exists; nothing was written", folder.join(name).display());
        let problem = Diagnostic::error("init.exists", what).help("give another folder: callsheet init FOLDER");
        output.problems(&[problem], &Sources::default());
        return ExitCode::Usage;
    }
    let written = std::fs::create_dir_all(folder).and_then(|()| {
        FILES.iter().try_for_each(|(name, text)| {
            // `create_new`: what another process has put there in the meantime is not overwritten.
            let mut file = std::fs::File::options().write(true).create_new(true).open(folder.join(name))?;
            file.write_all(text.as_bytes())
        })
    });
    if let Err(error) = written {
        let what = format!("no files can be written to {}: {}", folder.display(), os_words(&error));
        let problem = Diagnostic::error("init.write", what).help("give another folder: callsheet init FOLDER");
        output.problems(&[problem], &Sources::default());
        return ExitCode::Usage;
    }
    let here = folder.as_os_str() == ".";
    let path = if here { String::new() } else { format!(" {}", folder.display()) };
    output.print(&format!("wrote callsheet.yaml and trip.yaml; now try\n\n    callsheet run{path}\n"));
    ExitCode::Passed
}
