//! The texts of the demo companies, and the order in which their deeds happen.

use flowbit_domain::{
    Role,
    ticket::{Priority, Status},
};
use serde::Deserialize;

use super::DemoError;

/// A company as its files tell it.
#[derive(Debug, Clone)]
pub(super) struct Script {
    pub(super) company: CompanyText,
    pub(super) tickets: Vec<TicketText>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CompanyText {
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) locale: String,
    pub(super) accent_color: String,
    pub(super) people: Vec<PersonText>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonText {
    /// What the tickets call them.
    pub(super) key: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) role: Role,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TicketText {
    /// How long ago it was raised, such as `3d5h`.
    age: String,
    pub(super) by: String,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) priority: Priority,
    pub(super) tags: Vec<String>,
    /// How long after the step before, who, deed, value.
    steps: Vec<[String; 4]>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TicketsFile {
    tickets: Vec<TicketText>,
}

/// What somebody did.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Deed {
    Raise,
    Reply(String),
    Note(String),
    SetStatus(Status),
    SetPriority(Priority),
    Assign(String),
}

/// A deed in its place.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    /// When, in milliseconds before or after the present; never after.
    pub(super) offset_ms: i64,
    /// To which ticket: its place in [`Script::tickets`].
    pub(super) ticket: usize,
    pub(super) by: String,
    pub(super) deed: Deed,
}

/// Both companies.
pub(super) fn all() -> Result<Vec<Script>, DemoError> {
    Ok(vec![logisticsco()?, retailgmbh()?])
}

/// The company of that slug: one of the two, or one without a story whose slug begins with `demo-`.
pub(super) fn for_slug(slug: &str) -> Result<Script, DemoError> {
    if let Some(known) = all()?.into_iter().find(|script| script.company.slug == slug) {
        return Ok(known);
    }
    if !slug.starts_with("demo-") {
        return Err(DemoError::NotDemo(format!(
            "{slug:?} is not a demo company: logisticsco, retailgmbh, or a slug that begins with demo-"
        )));
    }
    let mut script = logisticsco()?;
    script.tickets.clear();
    for person in &mut script.company.people {
        let local = person.email.split('@').next().unwrap_or_default().to_owned();
        person.email = format!("{local}@{slug}.example");
    }
    script.company.slug = slug.to_owned();
    script.company.name = slug.to_owned();
    Ok(script)
}

fn logisticsco() -> Result<Script, DemoError> {
    read(
        include_str!("logisticsco/company.toml"),
        &[
            include_str!("logisticsco/transport.toml"),
            include_str!("logisticsco/warehouse.toml"),
            include_str!("logisticsco/office.toml"),
        ],
    )
}

fn retailgmbh() -> Result<Script, DemoError> {
    read(
        include_str!("retailgmbh/company.toml"),
        &[
            include_str!("retailgmbh/filialen.toml"),
            include_str!("retailgmbh/kunden.toml"),
            include_str!("retailgmbh/lager.toml"),
        ],
    )
}

fn read(company: &str, files: &[&str]) -> Result<Script, DemoError> {
    let wrong = |e: toml::de::Error| DemoError::Script(e.to_string());
    let company = toml::from_str(company).map_err(wrong)?;
    let mut tickets = Vec::new();
    for text in files {
        tickets.extend(toml::from_str::<TicketsFile>(text).map_err(wrong)?.tickets);
    }
    Ok(Script { company, tickets })
}

impl Script {
    /// Everything that happened, oldest first.
    pub(super) fn timeline(&self) -> Result<Vec<Moment>, DemoError> {
        let mut moments = Vec::new();
        for (ticket, text) in self.tickets.iter().enumerate() {
            let wrong = |what: &str| DemoError::Script(format!("{:?}: {what}", text.title));
            let mut offset_ms = -parse_span(&text.age).ok_or_else(|| wrong("age"))?;
            moments.push(Moment { offset_ms, ticket, by: text.by.clone(), deed: Deed::Raise });
            for [after, by, deed, value] in &text.steps {
                offset_ms += parse_span(after).ok_or_else(|| wrong(after))?;
                let deed = parse_deed(deed, value).ok_or_else(|| wrong(&format!("{deed} {value}")))?;
                moments.push(Moment { offset_ms, ticket, by: by.clone(), deed });
            }
            if offset_ms > 0 {
                return Err(wrong("it ends in the future"));
            }
        }
        // Stable: what happened at one moment stays in the order of the files.
        moments.sort_by_key(|moment| moment.offset_ms);
        Ok(moments)
    }
}

fn parse_deed(deed: &str, value: &str) -> Option<Deed> {
    let parse = |text: &str| serde_json::Value::String(text.to_owned());
    match deed {
        "reply" => Some(Deed::Reply(value.to_owned())),
        "note" => Some(Deed::Note(value.to_owned())),
        "assign" => Some(Deed::Assign(value.to_owned())),
        "status" => serde_json::from_value(parse(value)).ok().map(Deed::SetStatus),
        "priority" => serde_json::from_value(parse(value)).ok().map(Deed::SetPriority),
        _ => None,
    }
}

/// Reads spans such as `3d5h`, `40m` or `1h25m`, in milliseconds.
fn parse_span(text: &str) -> Option<i64> {
    const MINUTE: i64 = 60 * 1000;
    let mut total: i64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at(digits);
        let unit = match tail.as_bytes().first()? {
            b'd' => 24 * 60 * MINUTE,
            b'h' => 60 * MINUTE,
            b'm' => MINUTE,
            _ => return None,
        };
        total = total.checked_add(number.parse::<i64>().ok()?.checked_mul(unit)?)?;
        rest = &tail[1..];
    }
    (total > 0).then_some(total)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn spans() {
        assert_eq!(parse_span("1h25m"), Some(85 * 60 * 1000));
        assert_eq!(parse_span("2d"), Some(48 * 3600 * 1000));
        for wrong in ["", "5", "m", "5x", "1h-2m"] {
            assert_eq!(parse_span(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_companies_are_big_enough_and_their_stories_hold() {
        for script in all().unwrap() {
            assert!(script.tickets.len() >= 36, "{}", script.tickets.len());
            let timeline = script.timeline().unwrap();
            let people: HashMap<&str, &PersonText> =
                script.company.people.iter().map(|person| (person.key.as_str(), person)).collect();
            for moment in &timeline {
                assert!(moment.offset_ms < 0);
                let person = people[moment.by.as_str()];
                let raised_by = &script.tickets[moment.ticket].by;
                match &moment.deed {
                    Deed::Raise | Deed::Reply(_) => {
                        assert!(person.role.is_staff() || *raised_by == moment.by, "{moment:?}");
                    }
                    Deed::Assign(to) => assert!(people[to.as_str()].role.is_staff(), "{moment:?}"),
                    _ => assert!(person.role.is_staff(), "{moment:?}"),
                }
            }
            let statuses: std::collections::HashSet<String> = timeline
                .iter()
                .map(|m| format!("{:?}", m.deed))
                .filter(|d| d.starts_with("SetStatus"))
                .collect();
            assert!(statuses.len() >= 4, "{statuses:?}");
        }
    }
}
