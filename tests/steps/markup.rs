//! XML by XPath and HTML by CSS selector: answers that are as expected, answers that are not, and paths that are none.

use snapbox::{assert_data_eq, str};

use crate::bodies::{passes, problems, refused};

#[test]
fn xml_by_xpath() {
    passes(
        r#"
  - get: /sample/soap
    expect:
      at:
        /soap:Envelope/soap:Body/GetOrdersResponse/Order[1]/Item: Bell
        //Order[1]/Price: 12.5
        //Order[2]/Price: "39.95"
        //Order/@id: [1, 2]
        (//Order)[last()]/Item: Lamp & battery
        "//o:Order[2]/o:Item": Lamp & battery
        count(//Order): 2
        //t:TransactionID: <starts with T->
        //Order[Price > 20]/@status: paid
        //Order/Price/@currency: { $unordered: [GBP, EUR] }
        //Order/Price: <each number>
        //Order[1]/@id: ["1"]
        boolean(//Order[@status='lost']): false
        //Nothing: <absent>
        //Order[@id='9']: []
        /*/soap:Header/*: T-1001
        sum(//Price): 52.45
        string(//Order[2]/@status): paid
      namespaces: { o: urn:example:orders }
    capture:
      first: //Order[1]/Item
      ids: //Order/@id
      orders: count(//Order)
      paid: //o:Order[2]/@status
  - get: /sample/latin1.xml
    expect:
      at: { /city/@name: Köln, /city: Grüße }
      text: <contains Grüße>
      that: ["first == 'Bell'", "ids == ['1', '2']", "orders == 2", "paid == 'paid'"]
  - get: /xml
    expect: { at: { /orders/@count: 2, //price: [12.50, 39.95], "//order[item='Bell']/price/@currency": EUR } }
  - post: /body
    headers: { content-type: text/plain }
    text: <a><b>1</b></a>
    expect: { at: { /a/b: 1 } }
"#,
    );
}

#[test]
fn xml_that_is_not_so() {
    let said = problems(&[
        "{ get: /sample/soap, expect: { at: { \"//Order[1]/Item\": Gong, //Order/@id: [1, 3], count(//Order): 3 } } }",
        "{ get: /sample/soap, expect: { at: { \"//Order[1]/Prise\": 12.5, //Ordr: [1], /Envelope/Body: 1 } } }",
        "{ get: /sample/soap, expect: { at: { /soap:Envelope/soap:Body/Orders: 1, //x:Order: 1, \"//Order[@id='9']\": 1 } } }",
        "{ get: /sample/soap, expect: { at: { \"//Order[2]/Price\": <number < 20>, \"//Order[2]/Item\": <integer> } } }",
        "{ get: /json/1, expect: { at: { //a: 1, //b: 2 } } }",
        "{ get: /sample/soap, expect: { json: { a: 1 } } }",
        "{ post: /body, headers: { content-type: application/xml }, text: <a><b></a>, expect: { at: { /a: 1 } } }",
        "{ get: /empty, expect: { at: { /a: 1 } } }",
    ]);
    assert_data_eq!(
        said,
        str![[r#"
error[expect.at]: //Order[1]/Item is not what was expected
 --> echo.yaml:4:61
  |
4 |   - { get: /sample/soap, expect: { at: { "//Order[1]/Item": Gong, //Order/@id: [1, 3], count(...
  |                                                             ^^^^ the answer has "Bell"
error[expect.at]: //Order/@id is not what was expected
 --> echo.yaml:4:84
  |
4 | ...er[1]/Item": Gong, //Order/@id: [1, 3], count(//Order): 3 } } }
  |                                        ^ the answer has 2
error[expect.at]: count(//Order) is not what was expected
 --> echo.yaml:4:104
  |
4 | .../Order/@id: [1, 3], count(//Order): 3 } } }
  |                                        ^ the answer has 2
error[expect.at]: `//Order[1]` has no `Prise`; it has Item, Price
 --> echo.yaml:4:62
  |
4 | ..., expect: { at: { "//Order[1]/Prise": 12.5, //Ordr: [1], /Envelope/Body: 1 } } }
  |                      ------------------  ^^^^ the answer has no such value
  |
  = help: did you mean `Price`?
error[expect.at]: there is no `Ordr` anywhere in the answer
 --> echo.yaml:4:77
  |
4 | ...er[1]/Prise": 12.5, //Ordr: [1], /Envelope/Body: 1 } } }
  |                                 ^ the answer has no element [0]
  |
  = help: did you mean `Order`?
error[expect.at]: the root element is `soap:Envelope`, not `Envelope`
 --> echo.yaml:4:97
  |
4 | ...": 12.5, //Ordr: [1], /Envelope/Body: 1 } } }
  |                          --------------  ^ the answer has no such value
  |
  = help: did you mean `soap:Envelope`?
error[expect.at]: `/soap:Envelope/soap:Body` has no `Orders`; it has GetOrdersResponse
 --> echo.yaml:4:75
  |
4 | ...ect: { at: { /soap:Envelope/soap:Body/Orders: 1, //x:Order: 1, "//Order[@id='9']": 1 } } }
  |                 -------------------------------  ^ the answer has no such value
error[expect.at]: the prefix `x` is not declared; the answer declares soap, t
 --> echo.yaml:4:78
  |
4 |   - { get: /sample/soap, expect: { at: { /soap:Envelope/soap:Body/Orders: 1, //x:Order: 1, "/...
  |                                                                              ^^^^^^^^^
  |
  = help: declare it next to `at`: `namespaces: { PREFIX: URI }`
error[expect.at]: none of the 2 before the `[` of `Order[@id='9']` is as it says
 --> echo.yaml:4:112
  |
4 | ...s: 1, //x:Order: 1, "//Order[@id='9']": 1 } } }
  |                        ------------------  ^ the answer has no such value
error[expect.at]: //Order[2]/Price is not what was expected
 --> echo.yaml:4:62
  |
4 | ..."//Order[2]/Price": <number < 20>, "//Order[2]/Item": <integer> } } }
  |                        ^^^^^^^^^^^^^ the answer has 39.95: it is greater
error[expect.at]: //Order[2]/Item is not what was expected
 --> echo.yaml:4:96
  |
4 | ...2]/Item": <integer> } } }
  |              ^^^^^^^^^ the answer has "Lamp & battery": this text is not an integer
error[expect.body]: the answer is application/json, not XML; it starts with `[{"id":1,"name":"object 1","even":false,…`
 --> echo.yaml:4:37
  |
4 |   - { get: /json/1, expect: { at: { //a: 1, //b: 2 } } }
  |                                     ^^^
error[expect.body]: the answer is text/xml, not JSON; it starts with `<?xml version="1.0" encoding="UTF-8"?> <…`
 --> echo.yaml:4:42
  |
4 |   - { get: /sample/soap, expect: { json: { a: 1 } } }
  |                                          ^^^^^^^^ JSON is expected here
  |
  = help: check XML with an XPath: `at: { /PATH: … }`
error[expect.body]: the answer says it is application/xml, but it cannot be read as XML: expected 'b' tag, not 'a' at line 1, column 7
 --> echo.yaml:4:98
  |
4 | ...on/xml }, text: <a><b></a>, expect: { at: { /a: 1 } } }
  |                                                ^^
error[expect.body]: the answer has no body, but XML is expected
 --> echo.yaml:4:36
  |
4 |   - { get: /empty, expect: { at: { /a: 1 } } }
  |                                    ^^

"#]]
    );
}

#[test]
fn html_by_selector_and_xpath() {
    passes(
        r##"
  - get: /sample/shop
    expect:
      at:
        title: Orders – Bell & Lamp
        h1: Your orders
        "#orders tbody tr": { $length: 2 }
        "#orders tbody td": [Bell, 12.50, Lamp & battery, 39.95]
        "tr.paid td:first-child": Lamp & battery
        "input[name=csrf] @value": <starts with c->
        "a.next @href": /echo/sample/shop?page=2
        a.next: Next page
        "a.next @title": <absent>
        "form @method": post
        "option[selected]@value": name
        //form//input[@name='csrf']/@value: c-7f3a
        //h1: Your orders
        count(//tr): 3
        .lost: <absent>
        "tr.lost": []
    capture:
      csrf: css input[name=csrf] @value
      heading: css h1
      cells: css td
      options: //option/@value
  - get: /json/1
    expect:
      that:
        - csrf == 'c-7f3a'
        - heading == 'Your orders'
        - cells | length == 4
        - options == ['price', 'name']
  - get: /html
    expect: { at: { "p#greeting": "Hello, world & everyone", li: [one, two, three] } }
  - post: /body
    headers: { content-type: "application/xhtml+xml" }
    text: "<html xmlns='http://www.w3.org/1999/xhtml'><body><p>a&nbsp;b</p></body></html>"
    expect: { at: { p: a b, //p: a b } }
"##,
    );
}

#[test]
fn html_that_is_not_so() {
    let said = problems(&[
        "{ get: /sample/shop, expect: { at: { h1: Your order, td: [Bell, 12.5], \"a.next @title\": x } } }",
        "{ get: /sample/login, expect: { at: { h1: Your orders, \"form > p\": 1, \"input @id\": [a] } } }",
        "{ get: /sample/soap, expect: { at: { h1: Hello, h2: Hello } } }",
        "{ get: /text, expect: { at: { h1: Hello } } }",
    ]);
    assert_data_eq!(
        said,
        str![[r#"
error[expect.at]: h1 is not what was expected
 --> echo.yaml:4:46
  |
4 |   - { get: /sample/shop, expect: { at: { h1: Your order, td: [Bell, 12.5], "a.next @title": x...
  |                                              ^^^^^^^^^^ the answer has "Your orders"
error[expect.at]: td is not what was expected
 --> echo.yaml:4:62
  |
4 | ... Your order, td: [Bell, 12.5], "a.next @title": x } } }
  |                     ^^^^^^^^^^^^ the answer also has "Lamp & battery" at [2]
error[expect.at]: a.next @title finds an element, which has no such attribute
 --> echo.yaml:4:93
  |
4 | ...r, td: [Bell, 12.5], "a.next @title": x } } }
  |                         ---------------  ^ the answer has no such value
error[expect.at]: h1 finds nothing in the answer
 --> echo.yaml:4:47
  |
4 |   - { get: /sample/login, expect: { at: { h1: Your orders, "form > p": 1, "input @id": [a] } } }
  |                                           --  ^^^^^^^^^^^ the answer has no such value
  |
  = note: the page has the title "Sign in – Example"
error[expect.at]: form > p finds nothing in the answer: `form` is there, and has input, button in it
 --> echo.yaml:4:72
  |
4 |   - { get: /sample/login, expect: { at: { h1: Your orders, "form > p": 1, "input @id": [a] } } }
  |                                                            ----------  ^ the answer has no such value
  |
  = note: the page has the title "Sign in – Example"
error[expect.at]: input @id finds 2 elements, none of which has such an attribute
 --> echo.yaml:4:88
  |
4 |   - { get: /sample/login, expect: { at: { h1: Your orders, "form > p": 1, "input @id": [a] } } }
  |                                                                           -----------  ^^^ the answer has no such value
error[expect.body]: the answer is text/xml, not HTML; it starts with `<?xml version="1.0" encoding="UTF-8"?> <…`
 --> echo.yaml:4:42
  |
4 |   - { get: /sample/soap, expect: { at: { h1: Hello, h2: Hello } } }
  |                                          ^^
  |
  = help: check XML with an XPath: `at: { /PATH: … }`
error[expect.body]: the answer is text/plain, and cannot be read as HTML: it does not start like a page
 --> echo.yaml:4:35
  |
4 |   - { get: /text, expect: { at: { h1: Hello } } }
  |                                   ^^

"#]]
    );
}

#[test]
fn paths_that_do_not_parse_are_told_before_any_call() {
    let said = refused(
        "get: /\n    expect: { at: { \"//a[1\": 1, \"/a/\": 1, cont(//a): 1, \"h1 >\": 1, \"h1[\": 1, \"a:hovr\": 1, ./a: 1 } }\n    capture: { x: \"//a[\", y: \"css h1[\", z: cs h1 }",
    );
    assert_data_eq!(
        said,
        str![[r#"
error[format.xpath]: this XPath is not valid: this is not closed by `]`
 --> echo.yaml:5:25
  |
5 |     expect: { at: { "//a[1": 1, "/a/": 1, cont(//a): 1, "h1 >": 1, "h1[": 1, "a:hovr": 1, ./a: 1 } }
  |                         ^
error[format.xpath]: this XPath is not valid: the name of an element is expected, and the path ends
 --> echo.yaml:5:36
  |
5 |     expect: { at: { "//a[1": 1, "/a/": 1, cont(//a): 1, "h1 >": 1, "h1[": 1, "a:hovr": 1, ./a: 1 } }
  |                                    ^
error[format.xpath]: this XPath is not valid: XPath 1.0 has no function `cont`
 --> echo.yaml:5:43
  |
5 |     expect: { at: { "//a[1": 1, "/a/": 1, cont(//a): 1, "h1 >": 1, "h1[": 1, "a:hovr": 1, ./a: 1 } }
  |                                           ^^^^
  |
  = help: did you mean `count`?
error[format.selector]: this CSS selector is not valid: something is expected after this `>`
 --> echo.yaml:5:61
  |
5 |     expect: { at: { "//a[1": 1, "/a/": 1, cont(//a): 1, "h1 >": 1, "h1[": 1, "a:hovr": 1, ./a: 1 } }
  |                                                             ^
  |
  = help: a JSONPath starts with `$`, an XPath with `/`; anything else is a CSS selector
error[format.selector]: this CSS selector is not valid: this is not closed by `]`
 --> echo.yaml:5:71
  |
5 |     expect: { at: { "//a[1": 1, "/a/": 1, cont(//a): 1, "h1 >": 1, "h1[": 1, "a:hovr": 1, ./a: 1 } }
  |                                                                       ^
  |
  = help: a JSONPath starts with `$`, an XPath with `/`; anything else is a CSS selector
error[format.selector]: this CSS selector is not valid: this pseudo-class is not known, or says nothing of a page that nobody looks at
 --> echo.yaml:5:80
  |
5 |     expect: { at: { "//a[1": 1, "/a/": 1, cont(//a): 1, "h1 >": 1, "h1[": 1, "a:hovr": 1, ./a: 1 } }
  |                                                                                ^
  |
  = help: a JSONPath starts with `$`, an XPath with `/`; anything else is a CSS selector
error[format.selector]: this CSS selector is not valid: it does not begin like one
 --> echo.yaml:5:91
  |
5 |     expect: { at: { "//a[1": 1, "/a/": 1, cont(//a): 1, "h1 >": 1, "h1[": 1, "a:hovr": 1, ./a: 1 } }
  |                                                                                           ^^^
  |
  = help: an XPath starts at the root of the answer: write `//…` or `/…`
error[format.xpath]: this XPath is not valid: a path or a value is expected, and the path ends
 --> echo.yaml:6:23
  |
6 |     capture: { x: "//a[", y: "css h1[", z: cs h1 }
  |                       ^
error[format.selector]: this CSS selector is not valid: this is not closed by `]`
 --> echo.yaml:6:37
  |
6 |     capture: { x: "//a[", y: "css h1[", z: cs h1 }
  |                                     ^
  |
  = help: a JSONPath starts with `$`, an XPath with `/`; anything else is a CSS selector
error[capture.origin]: `cs h1` does not say where the value comes from
 --> echo.yaml:6:44
  |
6 |     capture: { x: "//a[", y: "css h1[", z: cs h1 }
  |                                            ^^^^^
  |
  = help: did you mean `css h1`?

"#]]
    );
}
