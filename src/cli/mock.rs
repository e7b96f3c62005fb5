//! `callsheet mock`: the embedded providers, served until the process is told to stop.

use super::args::MockOptions;
use super::exit::ExitCode;
use super::output::Output;
use crate::mock::{Mock, MockOptions as Options};
use crate::source::{Diagnostic, Sources, os_words};

pub(super) fn command(options: &MockOptions, output: &Output) -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            let what = format!("the embedded providers cannot start: {}", os_words(&error));
            let help = "end other programs, or raise the limits (`ulimit -n`, `ulimit -u`)";
            output.problems(&[Diagnostic::error("mock.start", what).help(help)], &Sources::default());
            return ExitCode::Usage;
        }
    };
    runtime.block_on(async {
        let mock = match Mock::start(Options { port: options.port, ..Options::default() }).await {
            Ok(mock) => mock,
            Err(error) => {
                let what = format!("cannot listen on 127.0.0.1:{}: {}", options.port, os_words(&error));
                let problem = Diagnostic::error("mock.start", what);
                let help = "give another --port; without --port a free one is used";
                output.problems(&[problem.help(help)], &Sources::default());
                return ExitCode::Usage;
            }
        };
        output.print(&listing(&mock));
        // Where Ctrl-C cannot be caught, it ends the process by itself.
        let _ = tokio::signal::ctrl_c().await;
        mock.stop().await;
        ExitCode::Passed
    })
}

/// Where everything is, and with which credentials: first the line that scripts read.
fn listing(mock: &Mock) -> String {
    let mut text = format!("listening {}\n\n", mock.base());
    for facts in mock.facts() {
        text.push_str(&format!("{}\n  base  {}\n  api   {}\n", facts.name, facts.base, facts.api));
        for persona in &facts.personas {
            let credentials: Vec<String> =
                persona.credentials.iter().map(|(name, value)| format!("{name}={value}")).collect();
            text.push_str(&format!("  {}  {}\n", persona.name, credentials.join("  ")));
        }
    }
    text.push_str("\njournal  GET /__mock/journal   counters  GET /__mock/counters   faults  POST /__mock/faults\n");
    text
}
