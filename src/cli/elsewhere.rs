//! The other environments that `auth_check` names: their tokens are sent to the selected one, which must refuse them.

use std::collections::BTreeMap;

use super::outside::Outside;
use crate::auth::DotEnv;
use crate::plan::RunPlan;
use crate::run::Elsewhere;
use crate::scenario::{Action, AuthCheck};
use crate::source::{Diagnostic, Spanned, suggestion};

/// All that plans name.
///
/// # Errors
/// Environments that there are not, that are the selected one, or that are production.
pub(super) fn elsewhere(
    plan: &RunPlan,
    outside: &Outside<'_>,
    run: &str,
) -> Result<BTreeMap<String, Elsewhere>, Vec<Diagnostic>> {
    let mut found = BTreeMap::new();
    let mut problems: Vec<Diagnostic> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for name in checks(plan).flat_map(|check| &check.environments) {
        if !seen.insert((name.span.file, name.span.start)) {
            continue;
        }
        match one(name, outside, run, plan.seed) {
            Ok(elsewhere) => drop(found.insert(name.value.clone(), elsewhere)),
            Err(more) => problems.extend(more.into_iter().map(|problem| problem.at(name.span, ""))),
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

fn checks(plan: &RunPlan) -> impl Iterator<Item = &AuthCheck> {
    let files = plan.instances.iter().map(|instance| &*instance.file);
    let steps = files.flat_map(|file| {
        let scenario = &file.scenario;
        let fragments = file.fragments.values().flat_map(|fragment| &fragment.fragment.steps);
        [&scenario.setup, &scenario.steps, &scenario.teardown].into_iter().flatten().chain(fragments)
    });
    steps.filter_map(|step| match &step.action {
        Action::AuthCheck(check) => Some(&**check),
        _ => None,
    })
}

fn one(name: &Spanned<String>, outside: &Outside<'_>, run: &str, seed: u64) -> Result<Elsewhere, Vec<Diagnostic>> {
    let wrong = |what: String| Diagnostic::error("run.auth-check", what);
    let Outside { project, redactor, mock, .. } = *outside;
    let own = &outside.selected.name;
    if name.value == *own {
        return Err(vec![wrong(format!("`{own}` is the environment of this run, but another one is needed here"))]);
    }
    let environments = &project.config.environments;
    let Some(environment) = environments.get(&name.value) else {
        let problem = wrong(format!("there is no environment `{}`", name.value));
        return Err(vec![match suggestion(&name.value, environments.names()) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None => problem.help("add it to `environments` in callsheet.yaml"),
        }]);
    };
    if environment.read_only {
        let problem =
            wrong(format!("tokens of `{}` are never sent to another environment, since it is read-only", name.value));
        return Err(vec![
            problem.help("name an environment whose tokens may be sent here, such as a test environment"),
        ]);
    }
    let selected = crate::project::Selected {
        name: name.value.clone(),
        environment: environment.clone(),
        vars: BTreeMap::new(),
        env: BTreeMap::new(),
    };
    let there = Outside { project, selected: &selected, secrets: &Default::default(), redactor, mock };
    let env = there.scope(run, seed)?.get("env").unwrap_or_default();
    let dotenv = DotEnv::of_environment(&project.root, &name.value).map_err(|problem| vec![problem])?;
    Ok(Elsewhere { selected, env, dotenv })
}
