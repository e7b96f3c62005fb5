//! `callsheet run`: plan, start what the environment serves, run, report.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use tokio::runtime::Handle;

use super::args::{RunOptions, SelectionOptions};
use super::elsewhere::elsewhere;
use super::exit::ExitCode;
use super::gates::Gates;
use super::output::Output;
use super::outside::{Outside, embedded};
use super::prepare::{Prepared, auths, prepare, selection};
use super::{pending, prune};
use crate::auth::store::Keeping;
use crate::auth::{Broker, Catalogue, DotEnv, Override};
use crate::event::Sink;
use crate::http::{Client, Limits, Tls};
use crate::mock::{Mock, MockOptions};
use crate::plan::RunPlan;
use crate::project::{Project, ScenarioFile, Selected};
use crate::report::{Fanout, Format, Report, ReportError, ReportSpec, Screen, Target, Terminal, Verbosity};
use crate::run::{self, Elsewhere, Environment, Identities, Options, Stop, Stopper};
use crate::secret::Redactor;
use crate::source::{Diagnostic, Node, Sources, os_words, suggestion};
use crate::template::{Namespace, Scope, from_texts};

/// Scenarios that run at once where nobody says how many: the work is waiting, not computing.
const JOBS: u32 = 16;
/// How long a login that is still under way is waited for at the end, whose token other runs would have: a provider that
/// is not quicker than this is waited for in vain, too.
const SETTLE: Duration = Duration::from_secs(10);
/// The same once the user has said twice that it is to end.
const SETTLE_AT_ONCE: Duration = Duration::from_secs(2);
/// Bytes of a body that events hold.
const EXCERPT: usize = 16 * 1024;

pub(super) fn command(options: &RunOptions, output: &Output) -> ExitCode {
    let Some(prepared) = prepare(&options.project, output) else { return ExitCode::Usage };
    match plan(options, &prepared) {
        Ok(Planned { plan, .. }) if plan.instances.is_empty() && !options.allow_empty => {
            output.problems(&[nothing(&options.selection, &prepared.project)], &prepared.sources);
            ExitCode::Usage
        }
        Ok(planned) => start(options, prepared, planned, output),
        Err(problems) => {
            output.problems(&problems, &prepared.sources);
            ExitCode::Usage
        }
    }
}

/// A selection that matches nothing must not look like success.
pub(super) fn nothing(options: &SelectionOptions, project: &Project) -> Diagnostic {
    let problem = Diagnostic::error("cli.empty", "nothing was run: no scenario is selected");
    let problem = match project.scenarios.len() {
        0 => problem
            .help("a scenario file is a .yaml file that starts with `scenario: TITLE`; `callsheet init` writes one"),
        count => problem.note(match count {
            1 => "1 scenario was found, but --tag and --only do not select it".to_owned(),
            _ => format!("{count} scenarios were found, but --tag and --only select none of them"),
        }),
    };
    let problem = if project.ignored.is_empty() {
        problem
    } else {
        problem.note(format!("ignored, because they are not callsheet files: {}", project.ignored.join(", ")))
    };
    if options.tag.is_empty() && options.only.is_empty() {
        problem
    } else {
        problem.help("with --allow-empty this is not an error")
    }
}

/// A credential of a provider that does not exist would change nothing, unnoticed.
fn stranger(given: &Override, project: &Project) -> Option<Diagnostic> {
    let catalogue = Catalogue::new();
    let own = project.providers.iter().filter_map(|(_, node)| node.get("provider").and_then(Node::as_str));
    let broken = project.broken_providers.iter().map(String::as_str);
    let known: Vec<&str> = catalogue.names().into_iter().chain(own).chain(broken).collect();
    if known.contains(&&*given.provider) {
        return None;
    }
    let what = format!("--credential {}.{}=…: there is no provider `{}`", given.provider, given.name, given.provider);
    let problem = Diagnostic::error("cli.credential", what);
    Some(match suggestion(&given.provider, known) {
        Some(meant) => problem.help(format!("did you mean `{meant}`?")),
        None => problem.help("`callsheet provider list` shows all providers"),
    })
}

/// A run that has passed every check of its options.
struct Planned {
    plan: RunPlan,
    overrides: Vec<Override>,
    reports: Vec<ReportSpec>,
    dotenv: DotEnv,
}

fn plan(options: &RunOptions, prepared: &Prepared) -> Result<Planned, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let mut collect = |problem: Diagnostic| problems.push(problem);
    let overrides: Vec<Override> =
        options.credential.iter().filter_map(|text| Override::parse(text).map_err(&mut collect).ok()).collect();
    overrides.iter().filter_map(|given| stranger(given, &prepared.project)).for_each(&mut collect);
    let dotenv =
        DotEnv::read(&prepared.project.root, &prepared.selected.name).map_err(&mut collect).unwrap_or_default();
    let reports = ReportSpec::parse_all(options.report.iter().map(String::as_str))
        .map_err(|more| problems.extend(more))
        .unwrap_or_default();
    if options.scrutiny.mutate.is_none() && reports.iter().any(|spec| spec.format == Format::Mutation) {
        let message = "--report mutation=…: `callsheet run` makes no mutants";
        problems.push(Diagnostic::error("report.mutation", message).help("use this report with `callsheet mutate`"));
    }
    let seed = options.seed.unwrap_or_else(|| u64::from(fastrand::u32(..)));
    let selection = selection(&options.selection, &prepared.project).map_err(|more| problems.extend(more)).ok();
    let plan = selection.and_then(|selection| {
        RunPlan::of(&prepared.project, &prepared.sources, &selection, seed).map_err(|more| problems.extend(more)).ok()
    });
    match plan {
        Some(plan) if problems.is_empty() => Ok(Planned { plan, overrides, reports, dotenv }),
        _ => Err(problems),
    }
}

fn start(options: &RunOptions, prepared: Prepared, planned: Planned, output: &Output) -> ExitCode {
    // Scenarios have threads of their own; here are the logins, the signals and the embedded providers.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let problem = Diagnostic::error("run.start", format!("the run cannot start: {}", os_words(&error)));
            let help = "end other programs, or raise the limit of open files (`ulimit -n`)";
            output.problems(&[problem.help(help)], &Sources::default());
            return ExitCode::Usage;
        }
    };
    runtime.block_on(run(options, prepared, planned, output))
}

async fn run(options: &RunOptions, prepared: Prepared, planned: Planned, output: &Output) -> ExitCode {
    let Prepared { project, sources, selected, providers, secrets, warnings } = prepared;
    let Planned { plan, overrides, reports: specs, dotenv } = planned;
    output.problems(&warnings, &sources);
    let mock = match serve(&selected).await {
        Ok(mock) => mock,
        Err(error) => {
            let what = format!("the embedded providers cannot be started: {}", os_words(&error));
            let help = "this machine must let callsheet listen on 127.0.0.1; or select an environment without `serve: builtin`, with --env";
            output.problems(&[Diagnostic::error("mock.start", what).help(help)], &sources);
            return ExitCode::Usage;
        }
    };
    let redactor = Arc::new(Redactor::default());
    let name = uuid::Builder::from_random_bytes(fastrand::u128(..).to_be_bytes()).into_uuid().to_string();
    let outside =
        Outside { project: &project, selected: &selected, secrets: &secrets, redactor: &redactor, mock: mock.as_ref() };
    let World { scope, tls, elsewhere } = match outside.world(&plan, &name) {
        Ok(world) => world,
        Err(problems) => {
            output.problems(&problems, &sources);
            return ExitCode::Usage;
        }
    };
    let identities = Identities::new(run::Sources {
        providers,
        selected: selected.clone(),
        root: project.root.clone(),
        env: scope.get("env").unwrap_or_default(),
        embedded: mock.as_ref().map(embedded).unwrap_or_default(),
        overrides,
        dotenv,
        redactor: redactor.clone(),
        elsewhere,
    });
    if let Err(problems) = prepare_identities(&plan, &identities, &scope) {
        output.problems(&problems, &sources);
        // What is missing is the provider's affair; what is written wrongly, in a file or an option, comes first.
        let only_missing = problems.iter().all(|problem| problem.id.starts_with("auth."));
        return if only_missing { ExitCode::Run(3) } else { ExitCode::Usage };
    }
    let coverage = options.scrutiny.wants_coverage(&specs);
    let gates = Gates::of(&options.scrutiny);
    let fanout = match open_reports(options, specs, &gates, output) {
        Ok(fanout) => fanout,
        Err(problem) => {
            output.problems(&[problem], &sources);
            return ExitCode::Usage;
        }
    };
    let limits = limits(&project);
    let snapshots = Arc::new(prune::snapshots(&options.selection, &project));
    let stopper = Stopper::default();
    let working = std::env::current_dir().unwrap_or_default();
    let broker = Broker::new(Arc::new(Client::new(limits).with_tls(tls.clone())), redactor.clone(), Handle::current())
        .keeping(Keeping::of(options.token_store.as_deref(), &working));
    let gathering =
        (!options.no_pending && !pending::is_ci()).then(|| Arc::new(run::Gathering::new(&project.root, &working)));
    let sources = Arc::new(sources);
    let known = (sources.clone(), redactor.clone());
    let environment = Environment {
        name: selected.name.clone(),
        seed: plan.seed,
        read_only: selected.environment.read_only,
        defaults: project.config.defaults.clone(),
        broker: broker.clone(),
        limits,
        tls,
        identities,
        redactor,
        sources,
        scope,
        options: how(options, &project, coverage),
        snapshots: snapshots.clone(),
        gathering: gathering.clone(),
        stopper: stopper.clone(),
        requests: AtomicUsize::new(0),
    };
    let signals = tokio::spawn(watch_signals(stopper.clone()));
    let (finished, reports) = run::run(plan, name, environment, Box::new(Reports(fanout))).await;
    settle(&broker, &stopper).await;
    signals.abort();
    let problems = reports.finish();
    if let Some(gathering) = gathering {
        pending::keep(&gathering, &project.root, &known.0, &known.1, &stopper, options, output);
        if stopper.state() == Stop::No {
            prune::keep(&snapshots, &project, &known.0, output);
        }
    }
    if let Some(mock) = mock {
        mock.stop().await;
    }
    if problems.is_empty() {
        return gates.judge(ExitCode::Run(finished.exit_code), output);
    }
    output.problems(&problems, &Sources::default());
    // A report that was asked for and is not there must not go unnoticed.
    gates.judge(ExitCode::Usage, output)
}

/// Starts what the environment serves itself.
async fn serve(selected: &Selected) -> std::io::Result<Option<Mock>> {
    if selected.is_builtin() { Mock::start(MockOptions::default()).await.map(Some) } else { Ok(None) }
}

fn limits(project: &Project) -> Limits {
    Limits { max_body: project.config.defaults.max_body.map_or(Limits::default().max_body, |size| size.0) }
}

/// How the run is done.
fn how(options: &RunOptions, project: &Project, coverage: bool) -> Options {
    Options {
        jobs: options.jobs.or(project.config.jobs.as_ref().map(|jobs| jobs.value)).unwrap_or(JOBS) as usize,
        fail_fast: options.fail_fast,
        record_all: options.verbose > 0,
        excerpt: EXCERPT,
        allow_writes: options.allow_writes,
        coverage,
        mutate: options.scrutiny.mutate.is_some(),
    }
}

/// Waits until tokens that were issued are where other runs find them, shortly where the user wants an end.
async fn settle(broker: &Broker, stopper: &Stopper) {
    tokio::select! {
        () = broker.settle(SETTLE) => return,
        () = stopper.at_once() => {}
    }
    broker.settle(SETTLE_AT_ONCE).await;
}

/// The reports behind the run.
struct Reports(Fanout);

impl Sink for Reports {
    fn event(&mut self, event: &crate::event::Event) {
        self.0.event(event);
    }

    fn idle(&mut self) {
        self.0.idle();
    }

    fn finish(self: Box<Self>) -> Vec<Diagnostic> {
        // A reader of a pipe that went away, as `head` does, is no problem.
        let errors = self.0.finish();
        errors.iter().filter(|error| !error.is_broken_pipe()).map(ReportError::diagnostic).collect()
    }
}

/// What a run finds outside its own files.
struct World {
    scope: Scope,
    tls: Option<Arc<Tls>>,
    /// Other environments that scenarios take tokens from.
    elsewhere: BTreeMap<String, Elsewhere>,
}

impl Outside<'_> {
    fn world(&self, plan: &RunPlan, run: &str) -> Result<World, Vec<Diagnostic>> {
        let scope = self.scope(run, plan.seed)?;
        let tls = self.tls(&scope)?;
        Ok(World { scope, tls, elsewhere: elsewhere(plan, self, run)? })
    }
}

/// Finds the credentials of everyone that files name, before any call; and gives the scope `provider`.
fn prepare_identities(plan: &RunPlan, identities: &Identities, scope: &Scope) -> Result<(), Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let providers = Namespace::default();
    let mut files: Vec<&ScenarioFile> = plan.instances.iter().map(|instance| &*instance.file).collect();
    files.dedup_by_key(|file| file.file);
    for auth in auths(files.into_iter()) {
        match identities.prepare(auth) {
            Ok(Some(identity)) => {
                providers.set(&identity.provider().name.value, from_texts(identity.members()));
            }
            Ok(None) => {}
            Err(more) => problems.extend(more),
        }
    }
    scope.set("provider", providers.value());
    // A hundred scenarios that lack one password lack it once.
    let mut seen = std::collections::BTreeSet::new();
    problems.retain(|problem| seen.insert(problem.message.clone()));
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn open_reports(
    options: &RunOptions,
    specs: Vec<ReportSpec>,
    gates: &Gates,
    output: &Output,
) -> Result<Fanout, Diagnostic> {
    let taken = specs.iter().any(|spec| spec.target == Target::Stdout);
    let verbosity = match (options.quiet, options.verbose) {
        (true, _) => Verbosity::Quiet,
        (_, 0) => Verbosity::Normal,
        (_, 1) => Verbosity::Verbose,
        _ => Verbosity::Full,
    };
    let mut reports: Vec<Box<dyn Report>> = Vec::new();
    // Where a report takes standard output, people read standard error.
    let screen = if taken { Screen { animated: false, ..output.stdout } } else { output.stdout };
    let out = || if taken { Box::new(std::io::stderr()) } else { output.stdout() };
    reports.push(Box::new(Terminal::new(out(), screen, verbosity)));
    gates.open(&mut reports, out, screen, verbosity);
    for spec in specs {
        reports.push(spec.open(|| output.stdout()).map_err(|error| error.diagnostic())?);
    }
    Ok(Fanout::new(reports))
}

/// The first Ctrl-C (or SIGTERM) stops the run, the second ends the process at once.
async fn watch_signals(stopper: Stopper) {
    signal().await;
    stopper.stop(Stop::Interrupted);
    signal().await;
    stopper.stop(Stop::AtOnce);
    signal().await;
    #[expect(clippy::exit, reason = "the user has asked three times: nothing is waited for any more")]
    std::process::exit(130);
}

async fn signal() {
    #[cfg(unix)]
    {
        let terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        if let Ok(mut terminated) = terminated {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
