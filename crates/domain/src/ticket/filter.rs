//! A filter as people build it: conditions, joined by `all` and `any`.
//!
//! `{"all": [{"status": {"is": ["open"]}}, {"any": [{"assignee": {"is": ["me"]}}, {"tag": {"is": ["refund"]}}]}]}`
//!
//! It is data: saved views keep it, the address of the desk holds it. How it becomes a statement is
//! [`condition`](super::condition)'s.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

use crate::{
    error::Result,
    patch,
    text::{self, Checks},
    ticket::{Priority, Status, TAG_MAX, WhichTeam, Who, WorkflowState},
    time::Timestamp,
};

/// How deep groups may stand in each other.
const DEPTH_MAX: usize = 4;
/// How many conditions there may be in all.
const CONDITIONS_MAX: usize = 50;
/// How many values one condition may have, and all of them together: each is a parameter of the statement.
const VALUES_MAX: usize = 50;
const VALUES_IN_ALL: usize = 250;
/// The longest text of a condition, in characters.
const WORDS_MAX: usize = 200;
/// The furthest that a relative time looks back: ten years.
const DAYS_MAX: u32 = 3_660;

/// Which tickets: a condition, or a group of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Expression {
    /// All of these hold; an empty group always does.
    #[schema(no_recursion)]
    All(Vec<Self>),
    /// At least one of these holds; at least one is there.
    #[schema(no_recursion)]
    Any(Vec<Self>),
    /// Where it stands.
    Status(Choice<Status>),
    /// How much it hurries.
    Priority(Choice<Priority>),
    /// Who works on it.
    Assignee(Choice<Who>),
    /// Which team's it is: a team's id, `mine` (those that one belongs to) or `none`.
    Team(Choice<WhichTeam>),
    /// Who raised it: a person's id or `me`.
    Requester(Choice<Who>),
    /// Whom its messages name, of those that the person may read: a person's id or `me`.
    Mentioned(Choice<Who>),
    /// Its tags; `is` wants one of them.
    Tag(Choice<String>),
    /// What the company's workflow does with it.
    Workflow(Choice<WorkflowState>),
    /// Whether it is put aside.
    Snoozed(bool),
    /// A field of the company's own.
    #[serde(deserialize_with = "patch::object")]
    CustomField(CustomField),
    /// Words in title, description, the messages that the person may read or, for the staff, the requester's name and
    /// address.
    #[serde(deserialize_with = "patch::object")]
    Text(Words),
    /// When it was raised.
    CreatedAt(Moment),
    /// When anything last happened to it.
    UpdatedAt(Moment),
    /// When it was resolved or closed; one that is not matches no time.
    ResolvedAt(Moment),
}

/// One of some values, or none of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Choice<T> {
    /// One of these.
    Is(Vec<T>),
    /// None of these.
    IsNot(Vec<T>),
}

/// Words to find.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Words {
    /// All of these, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub contains: String,
}

/// When.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Moment {
    /// At this time or later.
    After(Timestamp),
    /// Before this time.
    Before(Timestamp),
    /// In the last so many days, 1 to 3660.
    WithinDays(u32),
    /// Longer ago than so many days, 1 to 3660.
    OlderThanDays(u32),
}

/// What a field of the company's own holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CustomField {
    /// The field's key.
    #[schema(min_length = 1, max_length = 64)]
    pub key: String,
    /// One of these, or among its several values one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<Vec<Scalar>>,
    /// None of these; also when there is no such field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_not: Option<Vec<Scalar>>,
}

/// A text, a number or a truth value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Scalar {
    /// A text.
    Text(String),
    /// A number.
    #[schema(value_type = f64)]
    Number(serde_json::Number),
    /// Yes or no.
    Truth(bool),
}

impl Expression {
    /// Checks what its shape does not say: how much there may be of it, and which values. `path` is where it
    /// stands in the request.
    ///
    /// # Errors
    /// [`Error::Validation`], at the place of what is wrong.
    pub fn check(&self, path: &str) -> Result<()> {
        let mut checks = Checks::default();
        let (conditions, values) = self.size();
        if conditions > CONDITIONS_MAX {
            checks.fail(path, format!("must have at most {CONDITIONS_MAX} conditions, has {conditions}"));
        } else if values > VALUES_IN_ALL {
            checks.fail(path, format!("must have at most {VALUES_IN_ALL} values, has {values}"));
        } else {
            // Only what is so small: each thing that is wrong is told.
            self.check_at(&mut checks, path, 1);
        }
        checks.finish()
    }

    /// How many conditions there are in it, and how many values in these. A group of nothing counts as a condition,
    /// so that there are no more groups than their depth lets there be.
    fn size(&self) -> (usize, usize) {
        match self {
            Self::All(parts) | Self::Any(parts) if !parts.is_empty() => {
                let sizes = parts.iter().map(Self::size);
                sizes.fold((0, 0), |(conditions, values), (c, v)| (conditions + c, values + v))
            }
            Self::Status(choice) => (1, choice.values().len()),
            Self::Priority(choice) => (1, choice.values().len()),
            Self::Assignee(choice) | Self::Requester(choice) | Self::Mentioned(choice) => {
                (1, choice.values().len())
            }
            Self::Team(choice) => (1, choice.values().len()),
            Self::Tag(choice) => (1, choice.values().len()),
            Self::Workflow(choice) => (1, choice.values().len()),
            Self::CustomField(field) => {
                (1, field.is.iter().chain(&field.is_not).map(Vec::len).sum::<usize>())
            }
            _ => (1, 1),
        }
    }

    fn check_at(&self, checks: &mut Checks, path: &str, depth: usize) {
        if let Self::All(parts) | Self::Any(parts) = self {
            let name = if matches!(self, Self::All(_)) { "all" } else { "any" };
            if depth > DEPTH_MAX {
                checks.fail(format!("{path}.{name}"), format!("groups may stand {DEPTH_MAX} deep"));
                return;
            }
            if parts.is_empty() && name == "any" {
                checks.fail(format!("{path}.any"), "must not be empty");
            }
            for (at, part) in parts.iter().enumerate() {
                part.check_at(checks, &format!("{path}.{name}[{at}]"), depth + 1);
            }
            return;
        }
        match self {
            Self::All(_) | Self::Any(_) | Self::Snoozed(_) => {}
            Self::Status(choice) => choice.check(checks, &format!("{path}.status")),
            Self::Priority(choice) => choice.check(checks, &format!("{path}.priority")),
            Self::Assignee(choice) => choice.check(checks, &format!("{path}.assignee")),
            Self::Team(choice) => choice.check(checks, &format!("{path}.team")),
            Self::Requester(choice) => {
                let path = format!("{path}.requester");
                choice.check(checks, &path);
                if choice.values().contains(&Who::Nobody) {
                    checks.fail(path, "every ticket has a requester: must be a person's id or `me`");
                }
            }
            Self::Mentioned(choice) => {
                let path = format!("{path}.mentioned");
                choice.check(checks, &path);
                if choice.values().contains(&Who::Nobody) {
                    checks.fail(path, "must be a person's id or `me`");
                }
            }
            Self::Tag(choice) => {
                let path = format!("{path}.tag");
                choice.check(checks, &path);
                for tag in choice.values() {
                    checks.line(&path, &fold_tag(tag), TAG_MAX);
                }
            }
            Self::Workflow(choice) => choice.check(checks, &format!("{path}.workflow")),
            Self::CustomField(field) => field.check(checks, &format!("{path}.customField")),
            Self::Text(words) => {
                checks.line(&format!("{path}.text.contains"), &words.contains, WORDS_MAX);
            }
            Self::CreatedAt(moment) => moment.check(checks, &format!("{path}.createdAt")),
            Self::UpdatedAt(moment) => moment.check(checks, &format!("{path}.updatedAt")),
            Self::ResolvedAt(moment) => moment.check(checks, &format!("{path}.resolvedAt")),
        }
    }

    /// Whether anything in it is so.
    fn any(&self, is_so: &impl Fn(&Self) -> bool) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.any(is_so)),
            condition => is_so(condition),
        }
    }

    /// Whether what it finds changes as time goes by, without any change of a ticket.
    #[must_use]
    pub fn follows_time(&self) -> bool {
        self.any(&|condition| match condition {
            Self::CreatedAt(moment) | Self::UpdatedAt(moment) | Self::ResolvedAt(moment) => {
                matches!(moment, Moment::WithinDays(_) | Moment::OlderThanDays(_))
            }
            _ => false,
        })
    }

    /// Names another tag wherever it names this one, as both are kept. Answers whether it did.
    pub(crate) fn rename_tag(&mut self, from: &str, to: &str) -> bool {
        match self {
            // Each of them: one that has been found must not hide the others.
            Self::All(parts) | Self::Any(parts) => {
                parts.iter_mut().map(|part| part.rename_tag(from, to)).filter(|renamed| *renamed).count() > 0
            }
            Self::Tag(Choice::Is(tags) | Choice::IsNot(tags)) => {
                if !tags.iter().any(|tag| fold_tag(tag) == from) {
                    return false;
                }
                let mut kept: Vec<String> = Vec::with_capacity(tags.len());
                for tag in tags.drain(..) {
                    let tag = if fold_tag(&tag) == from { to.to_owned() } else { tag };
                    if !kept.iter().any(|other| fold_tag(other) == fold_tag(&tag)) {
                        kept.push(tag);
                    }
                }
                *tags = kept;
                true
            }
            _ => false,
        }
    }

    /// Whether it searches for words.
    #[must_use]
    pub fn has_words(&self) -> bool {
        self.any(&|condition| matches!(condition, Self::Text(_)))
    }
}

impl<T> Choice<T> {
    /// The values, wanted or not.
    pub(super) fn values(&self) -> &[T] {
        match self {
            Self::Is(values) | Self::IsNot(values) => values,
        }
    }

    fn check(&self, checks: &mut Checks, path: &str) {
        check_count(checks, path, self.values().len());
    }
}

fn check_count(checks: &mut Checks, path: &str, count: usize) {
    if count == 0 || count > VALUES_MAX {
        checks.fail(path, format!("must have 1 to {VALUES_MAX} values, has {count}"));
    }
}

impl CustomField {
    fn check(&self, checks: &mut Checks, path: &str) {
        let key = format!("{path}.key");
        checks.line(&key, &self.key, 64);
        if self.key.contains(['"', '\\']) {
            checks.fail(key, "must not contain quotes or backslashes");
        }
        let values = match (&self.is, &self.is_not) {
            (Some(values), None) | (None, Some(values)) => values,
            _ => return checks.fail(path, "must have either `is` or `isNot`"),
        };
        check_count(checks, path, values.len());
        for value in values {
            if let Scalar::Text(text) = value
                && (text.contains('\0') || text.chars().count() > WORDS_MAX)
            {
                checks.fail(path, format!("texts must be at most {WORDS_MAX} characters, without U+0000"));
            }
        }
    }
}

impl Moment {
    fn check(self, checks: &mut Checks, path: &str) {
        if let Self::WithinDays(days) | Self::OlderThanDays(days) = self
            && !(1..=DAYS_MAX).contains(&days)
        {
            checks.fail(path, format!("must be 1 to {DAYS_MAX} days"));
        }
    }
}

/// A tag as it is kept: in lower case, and each letter in its one form (Unicode's NFC), so that what looks the same
/// is the same.
pub(crate) fn fold_tag(tag: &str) -> String {
    tag.trim().to_lowercase().nfc().collect()
}

/// Whether there is something to search for.
pub(super) fn is_searchable(words: &str) -> bool {
    !text::is_blank(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn parse(json: &str) -> Result<Expression> {
        let read: Expression = serde_json::from_str(json).unwrap();
        read.check("filter")?;
        Ok(read)
    }

    fn refusal(json: &str) -> (String, String) {
        if let Err(error) = serde_json::from_str::<Expression>(json) {
            return (String::new(), error.to_string());
        }
        match parse(json) {
            Err(Error::Validation(mut errors)) => {
                assert!(errors.len() <= 250, "{} errors", errors.len());
                let first = errors.remove(0);
                (first.path, first.message)
            }
            other => panic!("{json}: {other:?}"),
        }
    }

    #[test]
    fn what_is_read_is_written_the_same() {
        let json = concat!(
            r#"{"all":[{"status":{"is":["open","waiting"]}},{"any":[{"assignee":{"isNot":["me","none"]}},"#,
            r#"{"customField":{"key":"order","is":["7",8,true]}}]},{"updatedAt":{"withinDays":7}},"#,
            r#"{"createdAt":{"before":"2026-01-31T08:15:00.000Z"}},{"text":{"contains":"pallet"}}]}"#
        );
        let read = parse(json).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), json);
        assert!(read.follows_time() && read.has_words());
        let bare = parse(r#"{"all":[]}"#).unwrap();
        assert!(!bare.follows_time() && !bare.has_words());
    }

    #[test]
    fn what_is_wrong_is_said_at_its_place() {
        let deep = r#"{"any":[{"all":[{"any":[{"all":[{"any":[{"all":[]}]}]}]}]}]}"#;
        let many = format!(r#"{{"all":[{}]}}"#, vec![r#"{"tag":{"is":["a"]}}"#; 51].join(","));
        let empty = format!(r#"{{"any":[{}]}}"#, vec![r#"{"all":[]}"#; 51].join(","));
        let of_50 = format!(r#"{{"tag":{{"is":[{}]}}}}"#, vec![r#""a""#; 50].join(","));
        let values = format!(r#"{{"all":[{},{{"tag":{{"is":["a"]}}}}]}}"#, [of_50.as_str(); 5].join(","));
        for (json, path, message) in [
            (r#"{"status":{"is":[]}}"#, "filter.status", "1 to 50 values"),
            (r#"{"requester":{"is":["none"]}}"#, "filter.requester", "has a requester"),
            (r#"{"any":[]}"#, "filter.any", "not be empty"),
            (r#"{"createdAt":{"withinDays":0}}"#, "filter.createdAt", "1 to 3660 days"),
            (r#"{"customField":{"key":"a\"b","is":[1]}}"#, "filter.customField.key", "quotes"),
            (r#"{"customField":{"key":"a"}}"#, "filter.customField", "either"),
            (r#"{"text":{"contains":" "}}"#, "filter.text.contains", "not be empty"),
            (deep, "filter.any[0].all[0].any[0].all[0].any", "4 deep"),
            (&many, "filter", "at most 50 conditions, has 51"),
            (&empty, "filter", "at most 50 conditions, has 51"),
            (&values, "filter", "at most 250 values, has 251"),
            (r#"{"text":["pallet"]}"#, "", "invalid type: sequence"),
            (r#"{"customField":["key",["7"]]}"#, "", "invalid type: sequence"),
        ] {
            let (at, why) = refusal(json);
            assert_eq!(at, path, "{json}: {why}");
            assert!(why.contains(message), "{json}: {why}");
        }
    }
}
