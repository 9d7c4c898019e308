//! Whose a ticket is, as filters say it: a person or a team, by its id or as seen by whoever asks.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::{PartialSchema, ToSchema, openapi};

use crate::id::{TeamId, UserId};

/// A person: an id, `me` (whoever asks) or `none` (nobody).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// Whoever asks.
    Me,
    /// Nobody.
    Nobody,
    /// This person.
    Person(UserId),
}

/// A team: an id, `mine` (any that whoever asks belongs to) or `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WhichTeam {
    /// Any that whoever asks belongs to.
    Mine,
    /// None.
    Nobodys,
    /// This one.
    Is(TeamId),
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Me => f.write_str("me"),
            Self::Nobody => f.write_str("none"),
            Self::Person(id) => id.fmt(f),
        }
    }
}

impl Serialize for Who {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Who {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        match text.as_str() {
            "me" => Ok(Self::Me),
            "none" => Ok(Self::Nobody),
            id => id
                .parse()
                .map(Self::Person)
                .map_err(|_| serde::de::Error::custom("must be a person's id, `me` or `none`")),
        }
    }
}

impl fmt::Display for WhichTeam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mine => f.write_str("mine"),
            Self::Nobodys => f.write_str("none"),
            Self::Is(id) => id.fmt(f),
        }
    }
}

impl FromStr for WhichTeam {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text {
            "mine" => Ok(Self::Mine),
            "none" => Ok(Self::Nobodys),
            id => id.parse().map(Self::Is).map_err(|_| "must be a team's id, `mine` or `none`"),
        }
    }
}

impl Serialize for WhichTeam {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for WhichTeam {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for WhichTeam {
    fn schema() -> openapi::RefOr<openapi::schema::Schema> {
        openapi::ObjectBuilder::new()
            .schema_type(openapi::schema::Type::String)
            .description(Some("A team's id, `mine` (any that whoever asks belongs to) or `none`"))
            .into()
    }
}
impl ToSchema for WhichTeam {}

impl PartialSchema for Who {
    fn schema() -> openapi::RefOr<openapi::schema::Schema> {
        openapi::ObjectBuilder::new()
            .schema_type(openapi::schema::Type::String)
            .description(Some("A person's id, `me` (whoever asks) or `none` (nobody)"))
            .into()
    }
}
impl ToSchema for Who {}
