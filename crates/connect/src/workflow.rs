//! The workflow and the credentials of one company, made from the template in `workflows/`.
//!
//! The template is a workflow that can be imported as it is; here a copy gets its own id, address, words and
//! secrets. Nothing here reads or writes files: the template is part of the program.

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Whose workflow it is.
#[derive(Clone, Debug)]
pub struct Company {
    /// The company's slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// `en` or `de`: the language of the first answer.
    pub locale: String,
}

/// What Flowbit showed once when the endpoint was made.
#[derive(Clone, Serialize, Deserialize)]
pub struct Secrets {
    /// `whsec_…`: signs deliveries.
    pub secret: String,
    /// The value of `X-Webhook-Secret`, both ways.
    pub shared_secret: String,
}

impl Company {
    /// The last part of the webhook's address; also the workflow's id.
    #[must_use]
    pub fn path(&self) -> String {
        format!("flowbit-{}", self.slug)
    }

    fn shared_id(&self) -> String {
        format!("{}-shared", self.path())
    }

    fn signing_id(&self) -> String {
        format!("{}-signing", self.path())
    }
}

/// The template.
const TEMPLATE: &str = include_str!("../../../workflows/ticket-created.json");

/// This company's copy of the template.
///
/// # Errors
/// When the template is none.
pub fn render(company: &Company) -> Result<Value> {
    let template = serde_json::from_str(TEMPLATE).context("workflows/ticket-created.json is no JSON")?;
    fill_in(template, company)
}

fn fill_in(mut workflow: Value, company: &Company) -> Result<Value> {
    workflow["id"] = company.path().into();
    workflow["name"] = format!("{}: first answer to a new ticket", company.name).into();
    // In the demo a person shall be able to look at what ran; the template itself keeps no successful run.
    workflow["settings"]["saveDataSuccessExecution"] = "all".into();
    let nodes = workflow["nodes"].as_array_mut().context("the workflow template has no nodes")?;
    let (mut hooks, mut words) = (0, 0);
    for node in nodes {
        if node["type"] == "n8n-nodes-base.webhook" {
            node["parameters"]["path"] = company.path().into();
            node["webhookId"] = company.path().into();
            hooks += 1;
        }
        if let Some(shared) = node.pointer_mut("/credentials/httpHeaderAuth") {
            *shared = json!({"id": company.shared_id(), "name": shared_name(company)});
        }
        if let Some(signing) = node.pointer_mut("/credentials/crypto") {
            *signing = json!({"id": company.signing_id(), "name": signing_name(company)});
        }
        let fields = node.pointer_mut("/parameters/assignments/assignments").and_then(Value::as_array_mut);
        for field in fields.into_iter().flatten() {
            match field["name"].as_str() {
                Some("company") => field["value"] = company.name.clone().into(),
                Some("locale") => field["value"] = company.locale.clone().into(),
                _ => continue,
            }
            words += 1;
        }
    }
    ensure!(hooks == 1 && words == 2, "the workflow template has no webhook, company or locale to fill in");
    Ok(workflow)
}

fn shared_name(company: &Company) -> String {
    format!("Flowbit shared secret: {}", company.name)
}

fn signing_name(company: &Company) -> String {
    format!("Flowbit signing key: {}", company.name)
}

/// The two credentials that the workflow of this company uses, in the clear: n8n encrypts them as it imports.
///
/// # Errors
/// When the signing secret is none.
pub fn credentials(company: &Company, secrets: &Secrets) -> Result<Vec<Value>> {
    Ok(vec![
        json!({
            "id": company.shared_id(),
            "name": shared_name(company),
            "type": "httpHeaderAuth",
            "data": {"name": "X-Webhook-Secret", "value": secrets.shared_secret},
        }),
        json!({
            "id": company.signing_id(),
            "name": signing_name(company),
            "type": "crypto",
            "data": {"hmacSecret": signing_key(&secrets.secret)?},
        }),
    ])
}

/// n8n's Crypto node takes its key as text and would hash the text's UTF-8 bytes, but a Standard Webhooks key
/// is any bytes. A credential's field may be an expression, and an expression may yield bytes.
fn signing_key(secret: &str) -> Result<String> {
    let encoded = secret.strip_prefix("whsec_").context("a signing secret begins with whsec_")?;
    let bytes = STANDARD.decode(encoded).context("a signing secret is base64 behind whsec_")?;
    let list: Vec<String> = bytes.iter().map(u8::to_string).collect();
    Ok(format!("={{{{ Uint8Array.from([{}]) }}}}", list.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template() -> Value {
        serde_json::from_str(TEMPLATE).unwrap()
    }

    fn company(slug: &str) -> Company {
        Company { slug: slug.to_owned(), name: "RetailGmbH".to_owned(), locale: "de".to_owned() }
    }

    fn secrets() -> Secrets {
        Secrets {
            secret: format!("whsec_{}", STANDARD.encode([0, 200, 255])),
            shared_secret: "shared".to_owned(),
        }
    }

    #[test]
    fn a_company_gets_its_own_address_words_and_credentials() {
        let workflow = render(&company("retailgmbh")).unwrap();
        let text = workflow.to_string();
        assert_eq!(workflow["id"], "flowbit-retailgmbh");
        assert!(!text.contains("flowbitShared") && !text.contains("flowbitSigning"));
        let used: Vec<&Value> =
            workflow["nodes"].as_array().unwrap().iter().filter_map(|node| node.get("credentials")).collect();
        assert_eq!(used.len(), 3, "the way in, the signature and the way back");
        for credential in credentials(&company("retailgmbh"), &secrets()).unwrap() {
            assert!(text.contains(credential["id"].as_str().unwrap()));
            assert!(text.contains(credential["name"].as_str().unwrap()));
        }
    }

    #[test]
    fn two_companies_share_nothing() {
        let one = render(&company("one")).unwrap();
        let two = render(&company("two")).unwrap();
        assert_ne!(one["id"], two["id"]);
        for (a, b) in one["nodes"].as_array().unwrap().iter().zip(two["nodes"].as_array().unwrap()) {
            assert!(a.get("credentials").is_none() || a["credentials"] != b["credentials"]);
            assert!(a.get("webhookId").is_none() || a["webhookId"] != b["webhookId"]);
        }
    }

    #[test]
    fn no_secret_is_in_the_workflow() {
        let text = render(&company("one")).unwrap().to_string();
        let all = serde_json::to_string(&credentials(&company("one"), &secrets()).unwrap()).unwrap();
        assert!(all.contains("shared\"") && all.contains("[0,200,255]"));
        assert!(!text.contains("[0,200,255]"));
    }

    #[test]
    fn a_secret_that_is_none_is_refused() {
        assert!(signing_key("whsec_***").is_err());
        assert!(signing_key("AAAA").is_err());
        assert_eq!(signing_key("whsec_AMj/").unwrap(), "={{ Uint8Array.from([0,200,255]) }}");
    }

    #[test]
    fn the_template_believes_nothing_unsigned() {
        let template = template();
        let next = |name: &str, output: usize| {
            template["connections"][name]["main"][output][0]["node"].as_str().unwrap().to_owned()
        };
        let mut seen = vec!["Ticket event from Flowbit".to_owned()];
        while seen.last().unwrap() != "Genuine and fresh?" {
            let name = seen.last().unwrap().clone();
            seen.push(next(&name, 0));
        }
        assert_eq!(seen[1..], ["Body as it arrived", "Sign it ourselves", "Genuine and fresh?"]);
        assert_eq!(next("Genuine and fresh?", 1), "Refuse");
        assert_eq!(template["active"], false);
        assert_eq!(template["settings"]["saveDataSuccessExecution"], "none");
    }

    #[test]
    fn a_template_without_its_places_is_refused() {
        assert!(fill_in(json!({"nodes": [], "settings": {}}), &company("one")).is_err());
    }
}
