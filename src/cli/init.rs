//! `callsheet init`: a minimal project that runs at once.

use std::io::Write;

use super::args::InitOptions;
use super::exit::ExitCode;
use super::output::Output;

/// What is written: name and text.
const FILES: [(&str, &str); 2] =
    [("callsheet.yaml", include_str!("init/callsheet.yaml")), ("trip.yaml", include_str!("init/trip.yaml"))];

pub(super) fn command(options: &InitOptions, output: &Output) -> ExitCode {
    let folder = &options.folder;
    if let Some((name, _)) = FILES.iter().find(|(name, _)| folder.join(name).exists()) {
        output.say(&format!("error[init.exists]: {} is there already; nothing was written\n  = help: name another folder: callsheet init FOLDER\n", folder.join(name).display()));
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
        output.say(&format!("error[init.write]: {} cannot be written to: {error}\n", folder.display()));
        return ExitCode::Usage;
    }
    let here = folder.as_os_str() == ".";
    let path = if here { String::new() } else { format!(" {}", folder.display()) };
    output.print(&format!("wrote callsheet.yaml and trip.yaml; now try\n\n    callsheet run{path}\n"));
    ExitCode::Passed
}
