//! The OpenAPI document as the suites read it: requests, right and wrong ones, are made from it.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::Value as Json;

use super::{
    client::Request,
    rows::{Place, Row},
};

/// One operation of the document.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: Method,
    /// With `{id}` where an id goes.
    pub(crate) path: String,
    /// Whether it says that no token is needed.
    pub(crate) open: bool,
    /// The places where it takes an id, as `path`, `query assigneeId`, `body assigneeId`.
    pub(crate) ids: BTreeSet<String>,
}

pub(crate) struct Document(Json);

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

impl Document {
    pub(crate) fn parse(text: &str) -> Self {
        Self(serde_json::from_str(text).expect("the document is JSON"))
    }

    pub(crate) fn resolve<'d>(&'d self, schema: &'d Json) -> &'d Json {
        match schema["$ref"].as_str() {
            Some(reference) => self.0.pointer(&reference[1..]).expect("references lead somewhere"),
            None => schema,
        }
    }

    fn ids(&self, operation: &Json) -> BTreeSet<String> {
        let is_id = |name: &str| name == "id" || name.ends_with("Id");
        let mut ids = BTreeSet::new();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let (name, place) =
                (parameter["name"].as_str().unwrap_or(""), parameter["in"].as_str().unwrap_or(""));
            match place {
                "path" => ids.insert("path".to_owned()),
                "query" if is_id(name) || name == "ids" => ids.insert(format!("query {name}")),
                _ => false,
            };
        }
        let schema = self.resolve(&operation["requestBody"]["content"]["application/json"]["schema"]);
        for name in schema["properties"].as_object().into_iter().flat_map(|fields| fields.keys()) {
            if is_id(name) {
                ids.insert(format!("body {name}"));
            }
        }
        ids
    }

    fn find(&self, operation: &Operation) -> &Json {
        &self.0["paths"][&operation.path][operation.method.as_str().to_lowercase()]
    }

    /// The fields of its body, with their schemas.
    pub(crate) fn properties(&self, operation: &Operation) -> Vec<(String, Json)> {
        let schema = &self.find(operation)["requestBody"]["content"]["application/json"]["schema"];
        let fields = self.resolve(schema)["properties"].as_object().into_iter().flatten();
        fields.map(|(name, schema)| (name.clone(), schema.clone())).collect()
    }

    /// The parameters of its query, with their schemas.
    pub(crate) fn query_parameters(&self, operation: &Operation) -> Vec<(String, Json)> {
        let all = self.find(operation)["parameters"].as_array().into_iter().flatten();
        let of_query = all.filter(|parameter| parameter["in"] == "query");
        of_query.map(|p| (p["name"].as_str().unwrap_or("").to_owned(), p["schema"].clone())).collect()
    }

    /// The JSON types that a value of this schema may have; none: any.
    pub(crate) fn kinds<'d>(&'d self, schema: &'d Json) -> Vec<&'d str> {
        let schema = self.resolve(schema);
        match &schema["type"] {
            Json::String(one) => vec![one],
            Json::Array(several) => several.iter().filter_map(Json::as_str).collect(),
            _ => {
                let alternatives =
                    ["oneOf", "anyOf", "allOf"].iter().filter_map(|key| schema[*key].as_array());
                alternatives.flatten().flat_map(|one| self.kinds(one)).collect()
            }
        }
    }

    /// The longest text of this schema, if it is bounded.
    pub(crate) fn max_length(&self, schema: &Json) -> Option<usize> {
        self.resolve(schema)["maxLength"].as_u64().and_then(|most| usize::try_from(most).ok())
    }

    pub(crate) fn operations(&self) -> Vec<Operation> {
        let mut operations = Vec::new();
        for (path, item) in self.0["paths"].as_object().expect("paths") {
            for method in METHODS {
                let Some(operation) = item.get(method) else { continue };
                // What an operation says of security wins over what the document says.
                let security = operation.get("security").unwrap_or(&self.0["security"]);
                let open =
                    security.as_array().is_none_or(|all| all.iter().any(|one| *one == serde_json::json!({})));
                operations.push(Operation {
                    id: operation["operationId"].as_str().expect("operations have ids").to_owned(),
                    method: method.to_uppercase().parse().expect("a method"),
                    path: path.clone(),
                    open,
                    ids: self.ids(operation),
                });
            }
        }
        operations
    }

    /// The methods that a path does not have.
    pub(crate) fn absent_methods(&self) -> Vec<(Method, String)> {
        let paths = self.0["paths"].as_object().expect("paths");
        let absent = |(path, item): (&String, &Json)| {
            let missing = METHODS.iter().filter(|m| item.get(**m).is_none());
            missing.map(|m| (m.to_uppercase().parse().expect("a method"), path.clone())).collect::<Vec<_>>()
        };
        paths.iter().flat_map(absent).collect()
    }
}

/// Every request of the matrix has this id, so that answers can be compared byte for byte.
const REQUEST_ID: &str = "the-same-for-all";

/// The request of a row with this id in its place. `own_ticket` goes into the path when the id stands
/// elsewhere.
pub(crate) fn request(operation: &Operation, row: &Row, id: &str, own_ticket: &str) -> Request {
    let in_path = if row.place == Place::Path { id } else { own_ticket };
    let mut path = operation.path.replace("{id}", in_path);
    if let Place::Query(name) = row.place {
        path = format!("{path}?{name}={id}");
    }
    let mut request = Request::new(operation.method.clone(), &path).header("x-request-id", REQUEST_ID);
    if let Some(body) = &row.body {
        let mut body = body.clone();
        if let Place::Body(name) = row.place {
            body[name] = id.into();
        }
        request = request.json(&body);
    }
    request
}
