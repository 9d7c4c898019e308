//! Which company a customer's documents go to. One that is there already is never taken for a customer's
//! because of its name alone.

use std::{collections::BTreeMap, sync::Arc};

use flowbit_domain::{
    control::Tenant,
    import::{Belonging, Tally},
};

use flowbit_store::NewTenant;

use super::{
    args::MongodumpArgs,
    desk::{ACCENT_COLOR, Answer, Desk, Step},
    run::Survey,
};
use crate::cli::{Failure, Outcome};

/// A company that documents go to.
#[derive(Default)]
pub(super) struct Company {
    pub(super) slug: String,
    name: String,
    locale: String,
    /// The customer's id in the source.
    customer: String,
    /// How it belongs to the source, if it is there.
    pub(super) belongs: Option<Belonging>,
    pub(super) highest_number: i64,
    pub(super) tally: Tally,
    is_made: bool,
    found: Option<Arc<Tenant>>,
}

impl Company {
    /// It, as one that is yet to be made.
    fn new_tenant(&self) -> NewTenant {
        let Self { slug, name, locale, .. } = self;
        let (slug, name, locale) = (slug.clone(), name.clone(), locale.clone());
        NewTenant { slug, name, locale, accent_color: ACCENT_COLOR.to_owned() }
    }

    /// Makes it, unless it is there.
    pub(super) async fn make(&mut self, desk: &Desk, source: &str) -> Outcome {
        if !std::mem::replace(&mut self.is_made, true) && self.is_closed() {
            desk.perform(Step::Make {
                slug: self.slug.clone(),
                name: self.name.clone(),
                locale: self.locale.clone(),
                source: source.to_owned(),
                customer: self.customer.clone(),
            })
            .await?;
        }
        Ok(())
    }

    /// It itself, if it is there.
    pub(super) async fn tenant(&mut self, desk: &Desk) -> Outcome<Option<Arc<Tenant>>> {
        if let (None, Some(_), Some(store)) = (&self.found, self.belongs, desk.store()) {
            self.found = store.control().tenant_by_slug(&self.slug).await?;
        }
        Ok(self.found.clone())
    }

    /// Whether it is not there, and nothing came that would make it.
    pub(super) fn is_nothing(&self) -> bool {
        self.belongs.is_none() && !self.is_made
    }

    /// Whether it would be, or was, made by this import.
    pub(super) fn is_new(&self) -> bool {
        matches!(self.belongs, None | Some(Belonging::Empty))
    }
}

async fn look(desk: &Desk, slug: &str, source: &str, customer: &str) -> Outcome<Option<Belonging>> {
    let step = Step::Look { slug: slug.to_owned(), source: source.to_owned(), customer: customer.to_owned() };
    match desk.perform(step).await? {
        Answer::Looked(belongs) => Ok(belongs),
        _ => Err(Failure::new("a question was answered with something else")),
    }
}

/// The one company that the operator has named, which must be there.
///
/// # Errors
/// When it is not.
pub(super) async fn find_one(
    desk: &Desk,
    slug: &str,
    source: &str,
    survey: &Survey,
) -> Outcome<BTreeMap<String, Company>> {
    let belongs = look(desk, slug, source, slug).await?;
    if belongs.is_none() {
        return Err(Failure::new(format!("there is no tenant {slug:?}: make it with flowbit tenant create")));
    }
    let company = Company {
        slug: slug.to_owned(),
        customer: slug.to_owned(),
        // The operator has made it, and people may be at work in it.
        belongs: Some(Belonging::Foreign),
        highest_number: survey.customers.get(slug).copied().unwrap_or(0),
        ..Company::default()
    };
    Ok(BTreeMap::from([(slug.to_owned(), company)]))
}

/// A customer's id as a company's name in addresses: lower case, with hyphens for what can't stand there.
fn slug_of(customer: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let text: String = customer.chars().map(plain).collect();
    let parts: Vec<&str> = text.split('-').filter(|part| !part.is_empty()).collect();
    parts.join("-").chars().take(63).collect::<String>().trim_end_matches('-').to_owned()
}

/// The companies of all customers.
///
/// # Errors
/// When two would be one, or one is another's.
pub(super) async fn find_all(
    desk: &Desk,
    args: &MongodumpArgs,
    source: &str,
    survey: &Survey,
) -> Outcome<BTreeMap<String, Company>> {
    let mut named = BTreeMap::new();
    for text in &args.tenants {
        let wrong =
            || Failure::usage(format!("--tenant {text:?}: it must be CUSTOMER=SLUG or CUSTOMER=SLUG,NAME"));
        let (customer, rest) = text.split_once('=').ok_or_else(wrong)?;
        let (slug, name) = rest.split_once(',').map_or((rest, None), |(slug, name)| (slug, Some(name)));
        if !survey.customers.contains_key(customer) {
            return Err(Failure::usage(format!("--tenant {text:?}: the dump has no customer {customer:?}")));
        }
        named.insert(customer, (slug, name));
    }
    let mut companies: BTreeMap<String, Company> = BTreeMap::new();
    for (customer, highest) in &survey.customers {
        let given = named.get(customer.as_str());
        let slug = given.map_or_else(|| slug_of(customer), |(slug, _)| (*slug).to_owned());
        let hint = format!("say --tenant '{customer}=SLUG'");
        if slug.is_empty() {
            return Err(Failure::new(format!(
                "the customer {customer:?} makes no name of a company: {hint}"
            )));
        }
        if let Some(other) = companies.values().find(|company| company.slug == slug) {
            let other = &other.customer;
            return Err(Failure::new(format!(
                "the customers {other:?} and {customer:?} would both be {slug}: {hint}"
            )));
        }
        let belongs = look(desk, &slug, source, customer).await?;
        if belongs == Some(Belonging::Foreign) && given.is_none() {
            let why = format!(
                "there is a company {slug} that does not come from this source: to move the customer {customer:?} \
                 into it, say --tenant '{customer}={slug}'"
            );
            return Err(Failure::new(why));
        }
        let name = given.and_then(|(_, name)| *name).unwrap_or(customer).to_owned();
        let company = Company {
            slug,
            name,
            locale: args.locale.clone(),
            customer: customer.clone(),
            belongs,
            highest_number: *highest,
            ..Company::default()
        };
        if company.is_new() {
            // Before the first one is made.
            company
                .new_tenant()
                .check()
                .map_err(|e| Failure::new(format!("the customer {customer:?}: {e}: {hint}")))?;
        }
        companies.insert(customer.clone(), company);
    }
    if companies.is_empty() {
        return Err(Failure::new("no document of the dump says by customerId whose it is"));
    }
    Ok(companies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_makes_a_slug() {
        assert_eq!(slug_of("LogisticsCo"), "logisticsco");
        assert_eq!(slug_of("-Müller & Söhne GmbH-"), "m-ller-s-hne-gmbh");
        assert_eq!(slug_of("65f1a2b3c4d5e6f708192a3b"), "65f1a2b3c4d5e6f708192a3b");
        assert_eq!(slug_of(&"x".repeat(100)).len(), 63);
        assert_eq!(slug_of("客户"), "");
    }
}
