//! Projects within projects, and what scenarios see of the mock.

use snapbox::{assert_data_eq, str};

use crate::support::Project;

const PASSES: &str = "scenario: It runs\nbase_url: \"{{ env.echo }}\"\nsteps:\n  - get: /text\n";
const MOCK: &str = "callsheet: 1\nenvironments: { mock: { serve: builtin, vars: { echo: \"{{ mock.base }}/echo\" } }, stg: {} }\ndefault_environment: mock\n";

#[test]
fn a_project_within_a_project_is_passed_by_and_runs_when_it_is_named() {
    let project = Project::new()
        .file("callsheet.yaml", MOCK)
        .file("outer.yaml", PASSES)
        .file("folder/inner/callsheet.yaml", MOCK)
        .file("folder/inner/inner.yaml", &PASSES.replace("It runs", "It runs alone"));
    project.run(&[]).exits(0).says("1 passed");
    project.run(&["folder/inner"]).exits(0).says("It runs alone").says("1 passed");
    assert_data_eq!(
        project.run(&["folder"]).exits(2).plain(),
        str![[r#"
error[cli.empty]: nothing was run: no scenario is selected
 = note: ignored, because they are not callsheet files: folder/inner (another project)
 = help: a scenario file is a .yaml file that starts with `scenario: TITLE`; `callsheet init` writes one


"#]]
    );
}

#[test]
fn an_environments_variables_can_name_places_of_the_mock() {
    let project = Project::new().file("callsheet.yaml", MOCK).file("scenario.yaml", PASSES);
    project.run(&[]).exits(0);
}

#[test]
fn where_nothing_is_served_there_is_no_mock() {
    let call = "scenario: A fault\nsteps:\n  - post: \"{{ mock.base }}/__mock/reset\"\n";
    let project = Project::new().file("callsheet.yaml", MOCK).file("scenario.yaml", call);
    project.run(&[]).exits(0);
    assert_data_eq!(
        project.callsheet(&["check", "--env", "stg"]).exits(2).plain(),
        str![[r#"
error[check.undefined]: the environment `stg` has no `mock`: it does not have `serve: builtin`
 --> scenario.yaml:3:15
  |
3 |   - post: "{{ mock.base }}/__mock/reset"
  |               ^^^^^^^^^
  |
  = help: add `serve: builtin` to the environment, or skip the step elsewhere with `when: "{{ env.name == 'mock' }}"`


"#]]
    );
    project.write("scenario.yaml", &format!("{call}    when: \"{{{{ env.name == 'mock' }}}}\"\n"));
    project.run(&["--env", "stg"]).exits(0).says("1 passed");
    project.write("scenario.yaml", &call.replace("mock.base", "mock.url"));
    assert_data_eq!(
        project.callsheet(&["check"]).exits(2).plain(),
        str![[r#"
error[check.undefined]: there is no `mock.url`
 --> scenario.yaml:3:15
  |
3 |   - post: "{{ mock.url }}/__mock/reset"
  |               ^^^^^^^^
  |
  = help: the members of `mock` are base


"#]]
    );
}

#[test]
fn a_variable_of_the_command_line_has_a_name() {
    let project = Project::new().file("callsheet.yaml", MOCK).file("scenario.yaml", PASSES);
    project.run(&["--var", "env.echo=http://127.0.0.1:1"]).exits(4);
    for given in ["=1", "two words=1", "a.b=1", "env.=1", "env.a.b=1", "1st=1"] {
        project.run(&["--var", given]).exits(2).says("--var: what comes before the `=` is not a valid variable name");
    }
}
