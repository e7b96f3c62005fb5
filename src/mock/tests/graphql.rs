use reqwest::Method;
use serde_json::{Value, json};

use super::{Stage, lavanda};

struct Graph {
    stage: Stage,
    token: String,
}

impl Graph {
    async fn new(persona: &str) -> Self {
        let stage = Stage::new().await;
        let token = lavanda::token(&stage, persona).await;
        Self { stage, token }
    }

    async fn send(&self, envelope: Value) -> Value {
        let answer = self.stage.call(Method::POST, "/lavanda/v1", &self.token, &envelope).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    async fn query(&self, query: &str) -> Value {
        self.send(json!({ "query": query })).await
    }

    async fn code(&self, query: &str) -> Value {
        let answer = self.query(query).await;
        assert_eq!(answer["data"], Value::Null, "{answer}");
        answer["errors"][0]["extensions"]["code"].clone()
    }
}

#[tokio::test]
async fn only_what_is_asked_for_comes_back() {
    let graph = Graph::new("default").await;
    let answer = graph
        .query(
            "query { flat: property(id: \"prop-101\") { name __typename address { city } reservations { id, property { name } } } none: property(id: \"x\") { id } }",
        )
        .await;
    assert_eq!(
        answer,
        json!({ "data": {
            "flat": {
                "name": "Canal Loft",
                "__typename": "Property",
                "address": { "city": "London" },
                "reservations": [
                    { "id": "res-5001", "property": { "name": "Canal Loft" } },
                    { "id": "res-5002", "property": { "name": "Canal Loft" } },
                ],
            },
            "none": null,
        }})
    );
}

#[tokio::test]
async fn variables_operations_fragments_and_directives_work() {
    let graph = Graph::new("default").await;
    let query = "
        query One($first: Int = 1, $after: String, $city: String, $deep: Boolean!) {
          properties(first: $first, after: $after, city: $city) {
            ...Page
            nodes { id ... on Property @include(if: $deep) { bedrooms } name @skip(if: $deep) }
          }
        }
        query Two { viewer { id } }
        # A comment, and a fragment used before.
        fragment Page on PropertyConnection { totalCount pageInfo { hasNextPage endCursor } }";
    let envelope = |variables: Value| json!({ "query": query, "operationName": "One", "variables": variables });
    let page = graph.send(envelope(json!({ "city": "London", "deep": true }))).await;
    assert_eq!(
        page["data"]["properties"],
        json!({
            "totalCount": 2,
            "pageInfo": { "hasNextPage": true, "endCursor": "prop-101" },
            "nodes": [{ "id": "prop-101", "bedrooms": 2 }],
        })
    );
    let page = graph.send(envelope(json!({ "city": "London", "after": "prop-101", "deep": false }))).await;
    assert_eq!(page["data"]["properties"]["nodes"], json!([{ "id": "prop-102", "name": "Garden Flat" }]));
    assert_eq!(page["data"]["properties"]["pageInfo"]["hasNextPage"], false);

    let missing = graph.send(envelope(json!({}))).await;
    assert_eq!(missing["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    let mistyped = graph.send(envelope(json!({ "deep": true, "first": "many" }))).await;
    assert_eq!(mistyped["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    let nameless = graph.send(json!({ "query": query })).await;
    assert_eq!(nameless["errors"][0]["extensions"]["code"], "OPERATION_RESOLUTION_FAILURE");
}

#[tokio::test]
async fn mutations_change_what_queries_see() {
    let graph = Graph::new("default").await;
    let create = "mutation Book($input: CreateReservationInput!) {
        createReservation(input: $input) { id nights total { amount currency } guest { email } status } }";
    let input = json!({
        "propertyId": "prop-103", "checkIn": "2027-06-28", "checkOut": "2027-07-02",
        "guest": { "name": "Grace", "email": "grace@example.com" },
    });
    let created = graph.send(json!({ "query": create, "variables": { "input": input } })).await;
    assert_eq!(
        created["data"]["createReservation"],
        json!({
            "id": "res-5004", "nights": 4, "total": { "amount": 562.0, "currency": "EUR" },
            "guest": { "email": "grace@example.com" }, "status": "CONFIRMED",
        })
    );
    let twice = graph.send(json!({ "query": create, "variables": { "input": input } })).await;
    assert_eq!(twice["errors"][0]["extensions"]["code"], "CONFLICT");
    assert_eq!(twice["errors"][0]["path"], json!(["createReservation"]));
    let cancelled = graph
        .query("mutation { cancelReservation(id: \"res-5004\", reason: \"ill\") { status cancellationReason } }")
        .await;
    assert_eq!(cancelled["data"]["cancelReservation"], json!({ "status": "CANCELLED", "cancellationReason": "ill" }));
    let cancelled = graph.query("{ reservations(status: CANCELLED) { totalCount } }").await;
    assert_eq!(cancelled["data"]["reservations"]["totalCount"], 1);
    let updated = graph
        .query("mutation { updateProperty(id: \"prop-101\", input: { nightlyRate: 200, listed: false }) { listed nightlyRate { amount } } }")
        .await;
    assert_eq!(updated["data"]["updateProperty"], json!({ "listed": false, "nightlyRate": { "amount": 200 } }));
}

#[tokio::test]
async fn errors_come_with_status_200_and_say_where() {
    let graph = Graph::new("default").await;
    let answer = graph.query("{\n  property(id: \"prop-101\") { name colour }\n}").await;
    assert_eq!(
        answer,
        json!({
            "errors": [{
                "message": "Cannot query field \"colour\" on type \"Property\".",
                "locations": [{ "line": 2, "column": 35 }],
                "extensions": { "code": "GRAPHQL_VALIDATION_FAILED" },
            }],
            "data": null,
        })
    );
    for (query, code) in [
        ("", "GRAPHQL_PARSE_FAILED"),
        ("{ viewer { id }", "GRAPHQL_PARSE_FAILED"),
        ("{ viewer { \"id\" } }", "GRAPHQL_PARSE_FAILED"),
        ("{ property(id: \u{201c}prop-101\u{201d}) { id } }", "GRAPHQL_PARSE_FAILED"),
        ("{ properties(first: 007) { totalCount } }", "GRAPHQL_PARSE_FAILED"),
        ("{ viewer }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ viewer { id { x } } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ property { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ property(id: \"a\", colour: 1) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ properties(first: \"2\") { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ reservations(status: LOST) { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ property(id: $id) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ ...Nowhere }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ viewer { ...A } } fragment A on Client { ...A }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ viewer { id @unless(if: true) } }", "GRAPHQL_VALIDATION_FAILED"),
        ("mutation { createReservation(input: { propertyId: \"prop-101\" }) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ __schema { types { name } } }", "INTROSPECTION_DISABLED"),
        ("subscription { viewer { id } }", "OPERATION_RESOLUTION_FAILURE"),
        ("{ properties(first: 0) { totalCount } }", "BAD_USER_INPUT"),
        ("mutation { cancelReservation(id: \"res-1\") { id } }", "NOT_FOUND"),
    ] {
        assert_eq!(graph.code(query).await, code, "{query}");
    }
    let deep = format!("{}id{}", "{ viewer ".repeat(5000), "}".repeat(5000));
    assert_eq!(graph.code(&deep).await, "GRAPHQL_PARSE_FAILED");
}

#[tokio::test]
async fn a_reader_may_not_write_and_sees_part_of_what_it_asks_for() {
    let graph = Graph::new("reader").await;
    assert_eq!(graph.code("mutation { cancelReservation(id: \"res-5001\") { id } }").await, "FORBIDDEN");
    let answer = graph.query("{ reservation(id: \"res-5001\") { id guest { name email } } }").await;
    assert_eq!(
        answer["data"]["reservation"],
        json!({ "id": "res-5001", "guest": { "name": "Ada Byron", "email": null } })
    );
    assert_eq!(answer["errors"][0]["path"], json!(["reservation", "guest", "email"]));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
    let after = graph.query("{ reservation(id: \"res-5001\") { status } }").await;
    assert_eq!(after["data"]["reservation"]["status"], "CONFIRMED");
}

#[tokio::test]
async fn fragments_cannot_explode() {
    let graph = Graph::new("default").await;
    let fragments = (0..20).map(|level| {
        let both = format!("reservations {{ property {{ ...F{} }} }}", level + 1);
        format!("fragment F{level} on Property {{ a: {both} b: {both} }}")
    });
    let fragments: Vec<_> = fragments.collect();
    let query = format!(
        "{{ property(id: \"prop-101\") {{ ...F0 }} }} {} fragment F20 on Property {{ id }}",
        fragments.join(" ")
    );
    let answer = graph.query(&query).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");

    let chain: Vec<_> = (0..5000).map(|link| format!("fragment F{link} on Property {{ ...F{} }}", link + 1)).collect();
    let query =
        format!("{{ property(id: \"prop-101\") {{ ...F0 }} }} {} fragment F5000 on Property {{ id }}", chain.join(" "));
    assert_eq!(graph.query(&query).await["errors"][0]["message"], "The document nests too deeply.");
}
