//! What the last stage of one of our Dockerfiles says of how its image is run.

use crate::places;
use anyhow::{Context, Result};
use std::collections::BTreeMap;

/// How an image is run where nothing else is said.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Image {
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) entrypoint: Vec<String>,
    pub(crate) command: Vec<String>,
    pub(crate) healthcheck: Vec<String>,
    pub(crate) user: String,
}

/// Reads a Dockerfile of this checkout.
pub(crate) fn read(dockerfile: &str) -> Result<Image> {
    let path = places::root().join(dockerfile);
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    parse(&text).with_context(|| format!("{} is not understood", path.display()))
}

fn parse(text: &str) -> Result<Image> {
    let mut image = Image::default();
    let list = |text: &str| serde_json::from_str::<Vec<String>>(text.trim()).context("no JSON list");
    for line in text.replace("\\\n", " ").lines() {
        let (instruction, rest) = line.trim().split_once(' ').unwrap_or_default();
        match instruction {
            "FROM" => image = Image::default(),
            "ENV" => {
                let pairs = rest.split_whitespace().filter_map(|pair| pair.split_once('='));
                image.environment.extend(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
            }
            "ENTRYPOINT" => image.entrypoint = list(rest)?,
            "CMD" => image.command = list(rest)?,
            "USER" => rest.trim().clone_into(&mut image.user),
            "HEALTHCHECK" => {
                let (_, test) = rest.split_once("CMD ").context("HEALTHCHECK without CMD")?;
                image.healthcheck = list(test)?;
            }
            _ => {}
        }
    }
    Ok(image)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_stage_counts() {
        let text = "FROM a AS b\nENV X=1\nUSER root\nFROM scratch\nENV A=1 \\\n    B=2\nUSER 1:1\n\
            HEALTHCHECK --interval=5s CMD [\"/x\", \"ok\"]\nENTRYPOINT [\"/x\"]\nCMD [\"go\"]\n";
        let image = parse(text).unwrap();
        assert_eq!(image.environment, BTreeMap::from([("A".into(), "1".into()), ("B".into(), "2".into())]));
        assert_eq!((image.user.as_str(), &image.entrypoint[..]), ("1:1", &["/x".to_owned()][..]));
        assert_eq!((image.command, image.healthcheck), (vec!["go".into()], vec!["/x".into(), "ok".into()]));
    }
}
