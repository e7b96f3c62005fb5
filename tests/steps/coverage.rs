//! `run --coverage`: what expectations look at, and what nobody does. The echo service answers with what it is sent, so
//! that a scenario says what its answers are.

use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::bench::{CONFIG, project, scenario, with};
use crate::support::{Outcome, Project, plain};

/// All that stands below the figures of the run.
fn page(outcome: &Outcome) -> String {
    let text = plain(&outcome.stdout);
    let at = text
        .find("coverage:")
        .or(text.find("mutants:"))
        .unwrap_or_else(|| panic!("there is no coverage\n{}", outcome.all()));
    text[at..].to_owned()
}

#[test]
fn a_filter_looks_at_what_it_tests() {
    let steps = "steps:\n  - post: /json\n    json: { items: [{ id: 1, name: a, state: x }, { id: 2, name: b, state: x }] }\n    expect: { at: { \"$.items[?@.id == 2].name\": [b] } }\n";
    let outcome = with(steps).run(&["--coverage"]);
    assert_data_eq!(
        page(outcome.exits(0)),
        str![[r#"
coverage: 75% of 4 members looked at, 50% by value

                      answers members value  weak unseen   seen
POST /json                  1       4     2     1      1    75%

not looked at
  POST /json
    $.items[*].state

the most telling blind spots
  1. POST /json  $.items[*].state
     It tells a state, nobody looks at it, and it came once.
     echo.yaml:4, below `expect`:
       at: { '$.items[*].state': { $each: x } }

"#]]
    );
}

const ORDER: &str = r#"
vars:
  order:
    id: 5f0c7a52-2d0e-4c5b-9a43-0c7f4bd1d5a1
    state: PLANNED
    note: rings twice
    total: { amount: 12.5, currency: EUR, vat: 21 }
    lines: [{ sku: A-1, count: 2, tags: [] }, { sku: B-2, count: 3, tags: [new] }]
    owner: { name: Ann, admin: false, since: "2031-05-01" }
    "2031-05-01": 3
steps:
  - id: made
    post: "/json?status=201&for={{ order.id }}"
    json: "{{ order }}"
    expect:
      status: 201
      json: { id: <uuid>, note: <any>, total: { amount: <number>, currency: EUR } }
      at: { "$.lines[*].sku": { $each: '<matches "^[A-Z]-[0-9]$">' } }
      that: json.lines | sum(attribute="count") == 5
    capture: { unused: $.state, vat: $.total.vat }
  - post: "/json"
    json: { vat: "{{ vat }}", since: "{{ steps.made.response.json.owner.since }}" }
"#;

#[test]
fn every_member_is_looked_at_by_its_value_by_less_or_not_at_all() {
    let outcome = with(ORDER).run(&["--coverage", "-v"]);
    assert_data_eq!(
        page(outcome.exits(0)),
        str![[r#"
coverage: 56% of 16 members looked at, 31% by value

                      answers members value  weak unseen   seen
POST /json                  2      16     5     4      7    56%

not looked at
  POST /json
    $.state, $.lines[*].tags[*], $.owner.name, $.owner.admin, $.*, $.vat, $.since
    only whether it is there:
    $.note, $.total.vat, $.owner.since
    only its type:
    $.total.amount

the most telling blind spots
  1. POST /json  $.owner.admin
     It tells who may do what, nobody looks at it, and it came in 1 of 2 answers.
     echo.yaml:15, below `expect`:
       at: { $.owner.admin: false }
  2. POST /json  $.state
     It tells a state, nobody looks at it, and it came in 1 of 2 answers.
     echo.yaml:15, below `expect`:
       at: { $.state: PLANNED }
  3. POST /json  $.lines[*].tags[*]
     Nobody looks at it, and it came in 1 of 2 answers.
     echo.yaml:15, below `expect`:
       at: { '$.lines[*].tags[*]': { $each: <string> } }

"#]]
    );
}

#[test]
fn without_v_only_what_nobody_looks_at_is_listed_and_with_q_nothing_is() {
    let project = with(ORDER);
    assert_data_eq!(
        page(project.run(&["--coverage"]).exits(0)),
        str![[r#"
coverage: 56% of 16 members looked at, 31% by value

                      answers members value  weak unseen   seen
POST /json                  2      16     5     4      7    56%

not looked at
  POST /json
    $.state, $.lines[*].tags[*], $.owner.name, $.owner.admin, $.*, $.vat, $.since

the most telling blind spots
  1. POST /json  $.owner.admin
     It tells who may do what, nobody looks at it, and it came in 1 of 2 answers.
     echo.yaml:15, below `expect`:
       at: { $.owner.admin: false }
  2. POST /json  $.state
     It tells a state, nobody looks at it, and it came in 1 of 2 answers.
     echo.yaml:15, below `expect`:
       at: { $.state: PLANNED }
  3. POST /json  $.lines[*].tags[*]
     Nobody looks at it, and it came in 1 of 2 answers.
     echo.yaml:15, below `expect`:
       at: { '$.lines[*].tags[*]': { $each: <string> } }

"#]]
    );
    assert_data_eq!(
        project.run(&["--coverage", "-q"]).exits(0).plain(),
        str![[r#"
1 passed · 2 requests · TIME · mock · seed 7
coverage: 56% of 16 members looked at, 31% by value
warning[check.unused]: the capture `unused` is never used
  --> echo.yaml:22:16
   |
22 |     capture: { unused: $.state, vat: $.total.vat }
   |                ^^^^^^
   |
   = help: remove it, or name it `_unused` to keep it


"#]]
    );
}

#[test]
fn endpoints_are_told_apart_by_what_is_written_and_steps_share_them() {
    let project = project()
        .file(
            "one.yaml",
            &scenario(
                r#"
cases: [{ key: a }, { key: b }]
steps:
  - for_each: [x, y]
    get: "/counter/{{ case.key }}{{ item }}?q=1"
    expect: { json: { count: <integer> } }
  - use: fragment.yaml
    with: { key: "{{ case.key }}" }
  - request: "PURGE {{ mock.base }}/echo/anything/{{ case.key | upper }}"
    expect: { headers: { content-type: application/json } }
  - get: "{{ mock.base }}/lavanda/graphql"
    expect: 404
"#,
            ),
        )
        .file(
            "fragment.yaml",
            "fragment: Counts\nparams: { key: {} }\nsteps:\n  - get: \"/counter/{{ key }}z\"\n    capture: { n: $.count }\n\
             returns: { count: \"{{ n }}\" }\n",
        );
    let outcome = project.run(&["--coverage"]);
    assert_data_eq!(
        page(outcome.exits(0)),
        str![[r#"
coverage: 24% of 29 members looked at, 6% by value

                            answers members value  weak unseen   seen
GET /counter/{key}{item}          4       3     0     2      1    66%
GET /counter/{key}z               2       3     0     2      1    66%
PURGE /echo/anything/{key}        2      20     1     1     18    10%
GET /lavanda/graphql              2       3     1     0      2    33%

not looked at
  GET /counter/{key}{item}
    $.key
  GET /counter/{key}z
    $.key
  PURGE /echo/anything/{key}
    $.method, $.path, $.query, $.query_list, $.headers.accept, $.headers["user-agent"],
    $.headers["accept-encoding"], $.headers.host, $.headers_list[*][*], $.cookies, $.content_type,
    $.size, and 6 more
  GET /lavanda/graphql
    $.error, $.message

the most telling blind spots
  1. PURGE /echo/anything/{key}
     None of the 18 members of its body is looked at.
     one.yaml:11, below `expect`:
       json: { method: <string>, path: <string>, query: <object>, query_list: <array> }
  2. GET /lavanda/graphql
     None of the 2 members of its body is looked at.
     one.yaml:13, below `expect`:
       json: { error: <string>, message: <string> }
  3. GET /counter/{key}{item}  $.key
     Nobody looks at it, and it came in all 4 answers.
     one.yaml:7, below `expect`:
       at: { $.key: <string> }

"#]]
    );
}

#[test]
fn of_a_graphql_answer_the_members_below_data_are_told() {
    let project = project().file(
        "stay.yaml",
        r#"scenario: A property is found
auth: lavanda
steps:
  - post: /
    graphql:
      query: "query Found($city: String) { properties(city: $city) { nodes { id name nightlyRate { amount currency } } } }"
      variables: { city: Lyon }
    expect:
      graphql: { data: { properties: { nodes: { $each: { id: <string> } } } } }
  - post: /
    graphql: { query: "{ nonsense }" }
    expect:
      graphql: { errors: [{ message: <contains nonsense> }] }
"#,
    );
    let outcome = project.run(&["--coverage"]);
    assert_data_eq!(
        page(outcome.exits(0)),
        str![[r#"
coverage: 36% of 11 members looked at, 9% by value

                           answers members value  weak unseen   seen
POST / query Found               1       5     0     2      3    40%
POST / query { nonsense }        1       6     1     1      4    33%

not looked at
  POST / query Found
    $.data.properties.nodes[*].name, $.data.properties.nodes[*].nightlyRate.amount,
    $.data.properties.nodes[*].nightlyRate.currency
  POST / query { nonsense }
    $.errors[*].locations[*].line, $.errors[*].locations[*].column, $.errors[*].extensions.code,
    $.data

the most telling blind spots
  1. POST / query Found  $.data.properties.nodes[*].nightlyRate.amount
     It tells money, nobody looks at it, and it came once.
     stay.yaml:4, below `expect`:
       at: { '$.data.properties.nodes[*].nightlyRate.amount': { $each: <integer >= 0> } }
  2. POST / query { nonsense }  $.errors[*].extensions.code
     It tells what went wrong, nobody looks at it, and it came once.
     stay.yaml:10, below `expect`:
       at: { '$.errors[*].extensions.code': { $each: <string> } }
  3. POST / query Found  $.data.properties.nodes[*].nightlyRate.currency
     It tells money, nobody looks at it, and it came once.
     stay.yaml:4, below `expect`:
       at: { '$.data.properties.nodes[*].nightlyRate.currency': { $each: EUR } }

"#]]
    );
}

#[test]
fn a_body_that_is_no_document_is_one_member() {
    let outcome = with(
        "steps:\n  - get: /text\n    expect: { text: <contains two> }\n  - get: /html\n  - get: /empty\n  - get: /cookies/set?a=1\n    \
         expect: { cookies: { a: '1' } }\n",
    )
    .run(&["--coverage"]);
    assert_data_eq!(
        page(&outcome),
        str![[r#"
coverage: 60% of 10 members looked at, 20% by value

                      answers members value  weak unseen   seen
GET /text                   1       3     1     1      1    66%
GET /html                   1       3     0     1      2    33%
GET /empty                  1       1     0     1      0   100%
GET /cookies/set            1       3     1     1      1    66%

not looked at
  GET /text
    header content-type
  GET /html
    header content-type, body
  GET /cookies/set
    $.cookies[*]

the most telling blind spots
  1. GET /html  body
     Its body is not looked at.
     echo.yaml:6, below `expect`:
       text: <not empty>
  2. GET /cookies/set
     The only member of its body is not looked at.
     echo.yaml:8, below `expect`:
       at: { '$.cookies[*]': { $each: <string> } }
  3. GET /text  header content-type
     Nobody looks at it.
     echo.yaml:4, below `expect`:
       headers: { content-type: <starts with text/plain> }

"#]]
    );
}

#[test]
fn too_little_coverage_fails_a_run_that_passed() {
    let project = with("steps:\n  - post: /json\n    json: { a: 1, b: 2, c: 3 }\n    expect: { json: { a: 1 } }\n");
    project.run(&["--coverage-min", "50"]).exits(0).says("coverage: 50% of 4 members looked at");
    let outcome = project.run(&["--coverage-min", "51", "-q"]);
    assert_data_eq!(
        outcome.exits(1).plain(),
        str![[r#"
1 passed · 1 request · TIME · mock · seed 7
coverage: 50% of 4 members looked at, 25% by value
error[coverage.below]: 50% of the members were looked at, but --coverage-min asks for at least 51%
 = help: expect more of the answers: with -v, the coverage above lists what nothing looks at


"#]]
    );
    assert_eq!(project.run(&["--coverage-min", "101"]).exits(2).stdout, "");
    // What failed anyway is told as what it is, and so is a run without any answer.
    let failing = with("steps:\n  - post: /json\n    json: { a: 1 }\n    expect: { json: { a: 2 } }\n");
    failing.run(&["--coverage-min", "100"]).exits(1).says("coverage: 100%");
    let nothing = with("steps:\n  - pause: 1ms\n");
    nothing.run(&["--coverage-min", "100"]).exits(0).says("coverage: no answer came that expectations could look at");
}

#[test]
fn the_report_for_programs_says_the_same() {
    let project = with(
        "steps:\n  - post: /json\n    json: { state: OPEN, b: [{ c: 1 }] }\n    expect: { json: { b: <array> } }\n",
    );
    project.run(&["--report", "coverage=out/coverage.json"]).exits(0).lacks("coverage:");
    let report = project.read("out/coverage.json");
    let port = regex::Regex::new(r"127\.0\.0\.1:\d+").expect("the pattern is one");
    assert_data_eq!(
        port.replace_all(&report, "127.0.0.1:PORT").into_owned(),
        str![[r#"
{
  "version": 1,
  "members": 3,
  "looked_at": 1,
  "percent": 33,
  "by_value": 0,
  "endpoints": [
    {
      "call": "POST /json",
      "base": "127.0.0.1:PORT/echo",
      "answers": 1,
      "members": 3,
      "looked_at": 1,
      "percent": 33,
      "by_value": 0,
      "more": 0,
      "paths": [
        {
          "path": "status",
          "look": "presence",
          "answers": 1,
          "proposal": "200",
          "file": "echo.yaml",
          "line": 4
        },
        {
          "path": "$.state",
          "look": "unseen",
          "answers": 1,
          "proposal": "OPEN",
          "file": "echo.yaml",
          "line": 4
        },
        {
          "path": "$.b[*].c",
          "look": "unseen",
          "answers": 1,
          "proposal": "<integer >= 0>",
          "file": "echo.yaml",
          "line": 4
        }
      ]
    }
  ],
  "blind_spots": [
    {
      "endpoint": "POST /json",
      "path": "$",
      "why": "None of the 2 members of its body is looked at.",
      "file": "echo.yaml",
      "line": 4,
      "paste": "json: { state: OPEN }"
    }
  ]
}

"#]]
    );
}

#[test]
fn nothing_is_collected_unless_it_is_asked_for() {
    let steps = "steps:\n  - post: /json\n    json: { a: 1 }\n";
    let told = |arguments: &[&str]| {
        let project = with(steps);
        project.run(&[arguments, &["--report", "events=e.jsonl"]].concat()).exits(0);
        let events = project.read("e.jsonl");
        let step = events.lines().find(|line| line.contains("\"step_finished\"")).expect("a step").to_owned();
        serde_json::from_str::<Value>(&step).expect("JSON")
    };
    assert_eq!(told(&[]).get("coverage"), None);
    let coverage = &told(&["--coverage"])["coverage"];
    assert_eq!(coverage["endpoint"]["call"], "POST /json");
    assert_eq!(coverage["members"][1]["path"], "$.a");
    assert_eq!(coverage["members"][1]["look"], "unseen");
}

#[test]
fn a_secret_is_not_shown_be_it_a_name_or_a_state() {
    let config = format!(
        "{}    secrets: {{ word: {{ env: WORD }} }}\n",
        CONFIG.replace("{ mock: { serve: builtin } }", "\n  mock:\n    serve: builtin")
    );
    let project = Project::new().variable("WORD", "Sesame-4711").file("callsheet.yaml", &config).file(
        "echo.yaml",
        &scenario("steps:\n  - post: /json\n    json: { state: \"{{ secrets.word }}\", of: { \"{{ secrets.word }}\": { a: 1, b: 2, c: 3 } } }\n"),
    );
    for arguments in [&["--coverage", "-v", "--report", "coverage=c.json"][..], &["--coverage"]] {
        project.run(arguments).exits(0).lacks("Sesame").says("$.of");
    }
    assert!(!project.read("c.json").contains("Sesame"));
    project.callsheet(&["mutate", "-v", "--report", "mutation=m.json"]).exits(0).lacks("Sesame").says("mutants:");
    assert!(!project.read("m.json").contains("Sesame"));
}

#[test]
fn schemas_and_snapshots_look_too_and_what_is_ignored_is_no_member() {
    let project = with(
        r#"
steps:
  - post: /json
    json: { id: a-1, kind: B, note: x, list: [{ n: 1, m: 2 }] }
    expect:
      schema:
        required: [note]
        properties:
          id: { type: string }
          kind: { enum: [A, B] }
          list: { items: { properties: { n: { type: integer, minimum: 0 } } } }
  - post: "{{ mock.base }}/echo/json"
    json: { id: a-1, at: now, off: x, rest: { n: 1, s: t } }
    expect: { snapshot: { name: stored, mask: [$.at] }, ignore: [$.rest.s] }
  - post: "/{{ 'json' }}"
    json: { a: 1, b: { c: 2 } }
    expect: { ignore: [$.b], json: { a: 1, b: 7 } }
"#,
    )
    .file(
        "echo.snapshots/stored.json",
        r#"{ "at": "<string>", "id": "<any>", "off": "x", "rest": { "n": 1, "s": "u" } }"#,
    );
    let outcome = project.run(&["--report", "coverage=c.json"]);
    outcome.exits(0);
    let report: Value = serde_json::from_str(&project.read("c.json")).expect("JSON");
    let mut told = String::new();
    for endpoint in report["endpoints"].as_array().expect("a list") {
        for path in endpoint["paths"].as_array().expect("a list") {
            told.push_str(&format!("{} {} {}\n", endpoint["call"], path["path"], path["look"]).replace('"', ""));
        }
    }
    assert_data_eq!(
        told,
        str![[r#"
POST /json status presence
POST /json $.id type
POST /json $.kind value
POST /json $.note presence
POST /json $.list[*].n value
POST /json $.list[*].m unseen
POST /echo/json status presence
POST /echo/json $.id presence
POST /echo/json $.at type
POST /echo/json $.off value
POST /echo/json $.rest.n value
POST /{json} status presence
POST /{json} $.a value

"#]]
    );
    assert_data_eq!(
        page(&project.callsheet(&["mutate", "--seed", "7", "-v"])),
        str![[r#"
mutants: 64% caught, 35 of 54; 19 survived
not counted: 18 allowed by what is written

POST /json → 200                                                               11 of 25 caught · 44%
  echo.yaml:5
  status                        another of its family
    status: 200
  $.list                        nobody looks at it
    at: { $.list: { $length: <1..> } }
  $.list[*].m                   nobody looks at it
    at: { '$.list[*].m': { $each: <integer >= 0> } }
  $.note                        null, another type, another value
    at: { $.note: <string> }
  $.list[*]                     null
    at: { '$.list[*]': { $each: <object> } }
  $.id                          another value
  allowed by what is written:
    $ (one member more)
    $.id (missing)
    $.kind (missing)
    $.list[*] (one member more)
    $.list[*].n (missing)

POST /echo/json → 200                                                          18 of 22 caught · 81%
  echo.yaml:14
  status                        another of its family
    status: 200
  $.id                          null, another type, another value
    at: { $.id: <string> }
  allowed by what is written:
    $.at (another value)
    $.rest.s (missing, null, another type, another value)

POST /{json} → 200                                                               6 of 7 caught · 85%
  echo.yaml:17
  status                        another of its family
    status: 200
  allowed by what is written:
    $ (one member more)
    $.b (missing, null, one member more)
    $.b.c (missing, null, another type, another value)

"#]]
    );
}
