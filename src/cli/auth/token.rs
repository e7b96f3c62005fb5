//! `callsheet auth token`: an access token on standard output, for scripts.

use super::ground::Ground;
use crate::cli::args::auth::TokenOptions;
use crate::cli::exit::ExitCode;
use crate::cli::output::Output;
use crate::source::Diagnostic;

pub(super) async fn command(options: &TokenOptions, output: &Output) -> ExitCode {
    let mut ground = match Ground::of(&options.identity.ground, output).await {
        Ok(ground) => ground,
        Err(code) => return code,
    };
    let code = match print(options, &mut ground, output).await {
        Ok(code) | Err(code) => code,
    };
    ground.end().await;
    code
}

async fn print(options: &TokenOptions, ground: &mut Ground, output: &Output) -> Result<ExitCode, ExitCode> {
    let identity = ground.identity(&options.identity, output)?;
    let grant = ground.acquire(&identity, output).await?;
    let token = grant.token.access().expose();
    if token.is_empty() {
        let name = &identity.provider().name.value;
        let what = format!("{name} has no token: its flow is `{}`", identity.provider().flow_name().word());
        output.problems(
            &[Diagnostic::error("auth.token", what)
                .help("name a provider that logs in: `callsheet provider list` shows the flows")],
            &ground.sources,
        );
        return Err(ExitCode::Run(3));
    }
    output.print(&format!("{token}\n"));
    Ok(ExitCode::Passed)
}
