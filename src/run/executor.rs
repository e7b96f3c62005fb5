//! Scenarios at once: as many as there are jobs, the next one as soon as one is done.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::oneshot;

use crate::auth::Broker;
use crate::event::{self, Kind, RunFinished, RunStarted, ScenarioFinished, ScenarioStarted, Sink, Verdict};
use crate::http::{Client, Limits, Tls};
use crate::plan::{CaseValues, Instance, RunPlan};
use crate::project::Defaults;
use crate::scenario::Cases;
use crate::secret::Redactor;
use crate::source::Sources;
use crate::template::Scope;

use super::dispatcher::{Dispatcher, Outbox};
use super::gather::Gathering;
use super::identity::Identities;
use super::scenario::ScenarioRun;
use super::snapshot::Snapshots;
use super::stop::{Stop, Stopper};

/// A thread more is worth it for so many scenarios at once.
const SHARE: usize = 4;
/// And more threads than this wait for each other.
const MAX_THREADS: usize = 8;

/// How a run is done.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many scenarios run at once.
    pub jobs: usize,
    /// Nothing new begins after the first failure.
    pub fail_fast: bool,
    /// Every exchange is told, not only those of failed steps.
    pub record_all: bool,
    /// How many bytes of a body are told.
    pub excerpt: usize,
    /// Calls that write are made even where the environment is read-only.
    pub allow_writes: bool,
}

/// All that the scenarios of a run share.
#[derive(Debug)]
pub struct Environment {
    /// The environment's name.
    pub name: String,
    /// What everything random comes from.
    pub seed: u64,
    /// Whether calls that write are refused.
    pub read_only: bool,
    /// What holds for every scenario unless it says otherwise.
    pub defaults: Defaults,
    /// What every client allows.
    pub limits: Limits,
    /// What all connections over TLS are made with.
    pub tls: Option<Arc<Tls>>,
    /// The one source of tokens.
    pub broker: Broker,
    /// Who scenarios act as.
    pub identities: Identities,
    /// What masks secrets.
    pub redactor: Arc<Redactor>,
    /// All files.
    pub sources: Arc<Sources>,
    /// The names that every scenario sees: `env`, `secrets`, `provider`, `run`, variables of the command line.
    pub scope: Scope,
    /// How the run is done.
    pub options: Options,
    /// What gathers the changes that could be accepted, where somebody wants them.
    pub gathering: Option<Arc<Gathering>>,
    /// What stops it.
    pub stopper: Stopper,
    /// The snapshots of a run that runs everything.
    pub snapshots: Arc<Snapshots>,
    /// Calls that steps made; whatever else the client sent was sent to log in.
    pub requests: AtomicUsize,
}

/// Runs a plan. Every event goes to the sink, in order and redacted; the last one is also given back, with the sink.
///
/// # Panics
/// Where a sink panicked.
pub async fn run(
    plan: RunPlan,
    run: String,
    environment: Environment,
    sink: Box<dyn Sink>,
) -> (RunFinished, Box<dyn Sink>) {
    let jobs = environment.options.jobs.clamp(1, plan.instances.len().max(1));
    let started = RunStarted {
        version: event::VERSION,
        tool: concat!("callsheet ", env!("CARGO_PKG_VERSION")).to_owned(),
        environment: environment.name.clone(),
        seed: plan.seed,
        scenarios: plan.instances.len(),
        jobs,
    };
    let outbox = Dispatcher::begin(run, environment.redactor.clone(), sink, started);
    let (to, sources) = (outbox.clone(), environment.sources.clone());
    environment.broker.tell(move |notice| to.tell(None, Kind::Warning { problem: notice.locate(&sources) }));
    let crew = Arc::new(Crew { plan, environment, outbox: outbox.clone(), next: AtomicUsize::new(0), jobs });
    let mut hands: Vec<_> = (0..crew.threads()).map(|hand| Crew::start(&crew, hand)).collect();
    let all = async {
        for hand in &mut hands {
            // A thread that is gone without a word has panicked, which is told below.
            let _ = (&mut hand.done).await;
        }
    };
    tokio::select! {
        // What ends a run early is told before its end is noticed: the exit code says that it was interrupted.
        biased;
        () = outbox.attend(&crew.environment.stopper) => {}
        () = all => {}
    }
    for hand in hands {
        if let Err(panic) = hand.thread.join() {
            std::panic::resume_unwind(panic);
        }
    }
    let environment = &crew.environment;
    for problem in environment.snapshots.stale() {
        outbox.tell(None, Kind::Warning { problem: problem.locate(&environment.sources) });
    }
    outbox.end(environment.requests.load(Ordering::Relaxed), environment.broker.requests())
}

/// The threads that run scenarios. Each has a runtime and connections of its own, so that no call wakes another thread;
/// what they share is the plan, the tokens and the dispatcher.
struct Crew {
    plan: RunPlan,
    environment: Environment,
    outbox: Outbox,
    /// The scenario that is taken next.
    next: AtomicUsize,
    /// How many scenarios run at once, on all threads together.
    jobs: usize,
}

/// A thread at work.
struct Hand {
    thread: std::thread::JoinHandle<()>,
    done: oneshot::Receiver<()>,
}

impl Crew {
    /// More threads than there is work for have nothing to do, and more than so many wait for each other.
    fn threads(&self) -> usize {
        std::thread::available_parallelism().map_or(1, usize::from).min(self.jobs.div_ceil(SHARE)).clamp(1, MAX_THREADS)
    }

    fn start(crew: &Arc<Self>, hand: usize) -> Hand {
        let (sender, done) = oneshot::channel();
        let crew = crew.clone();
        let jobs = (crew.jobs + crew.threads() - 1 - hand) / crew.threads();
        let thread = std::thread::spawn(move || {
            crew.run(jobs);
            let _ = sender.send(());
        });
        Hand { thread, done }
    }

    /// Runs so many scenarios at once until none is left.
    fn run(self: Arc<Self>, jobs: usize) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("the operating system gives one more thread what it gave the first");
        let client = Arc::new(Client::new(self.environment.limits).with_tls(self.environment.tls.clone()));
        runtime.block_on(async {
            let workers: Vec<_> = (0..jobs).map(|_| tokio::spawn(work(self.clone(), client.clone()))).collect();
            for worker in workers {
                if let Err(panic) = worker.await {
                    std::panic::resume_unwind(panic.into_panic());
                }
            }
        });
    }
}

async fn work(crew: Arc<Crew>, client: Arc<Client>) {
    let Crew { plan, environment, outbox, next, .. } = &*crew;
    loop {
        let at = next.fetch_add(1, Ordering::AcqRel);
        let Some(instance) = plan.instances.get(at) else { return };
        outbox.tell(Some(at), Kind::ScenarioStarted(started(instance, environment)));
        let finished = match environment.stopper.state() {
            Stop::No => ScenarioRun::new(at, instance, environment, &client, outbox).run().await,
            why => {
                environment.snapshots.incomplete(instance);
                ScenarioFinished {
                    verdict: Verdict::Skipped,
                    reason: Some(
                        if why == Stop::FailFast {
                            "not started: another scenario failed (--fail-fast)"
                        } else {
                            "not started: interrupted"
                        }
                        .to_owned(),
                    ),
                    duration_ms: 0.0,
                }
            }
        };
        if environment.options.fail_fast && finished.verdict >= Verdict::Failed {
            environment.stopper.stop(Stop::FailFast);
        }
        outbox.tell(Some(at), Kind::ScenarioFinished(finished));
    }
}

/// What is told of a scenario when it begins.
fn started(instance: &Instance, environment: &Environment) -> ScenarioStarted {
    let scenario = &instance.file.scenario;
    let title = &scenario.title;
    let line = environment.sources.get(title.span.file).map_or(1, |file| file.position(title.span.start as usize).0);
    ScenarioStarted {
        title: title.value.clone(),
        case: instance.case.as_ref().map(|case| event::Case { number: case.number, label: label(instance) }),
        file: instance.file.path.clone(),
        line,
        tags: scenario.tags.iter().map(|tag| tag.value.clone()).collect(),
    }
}

/// The values of a case in short: `lang=nl, n=3`. Values that hold templates are shown as they are written.
pub(super) fn label(instance: &Instance) -> String {
    let Some(case) = &instance.case else { return String::new() };
    let values = match (&case.values, &instance.file.scenario.cases) {
        (CaseValues::Given(values), _) => Some(values),
        (CaseValues::Written(at), Some(Cases::Inline(cases))) => cases.get(*at).and_then(|tree| tree.as_literal()),
        _ => None,
    };
    let Some(object) = values.and_then(|values| values.as_object()) else { return String::new() };
    let mut label = String::new();
    for (name, value) in object.iter() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if !label.is_empty() {
            label.push_str(", ");
        }
        label.push_str(name);
        label.push('=');
        label.extend(text.chars().take(40).chain(text.chars().nth(40).map(|_| '…')));
        if label.len() > 120 {
            label.push('…');
            break;
        }
    }
    label
}
