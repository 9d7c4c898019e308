//! `flowbit doctor`: whether the installation is well.

use std::path::Path;

use super::{Failure, Outcome, say};
use crate::{
    config::Config,
    doctor::{self, Finding, Grade},
};

fn line(finding: &Finding) -> String {
    let mark = match finding.grade {
        Grade::Fine => "ok  ",
        Grade::Notable => "note",
        Grade::Wrong => "BAD ",
    };
    format!("{mark}  {}: {}", finding.subject, finding.text)
}

pub(super) async fn run(config: &Config, backups: Option<&Path>, json: bool) -> Outcome {
    let (mut notable, mut wrong) = (0, 0);
    let mut told = Ok(());
    let mut tell = |finding: Finding| {
        match finding.grade {
            Grade::Fine => {}
            Grade::Notable => notable += 1,
            Grade::Wrong => wrong += 1,
        }
        let text =
            if json { serde_json::to_string(&finding).map_err(Failure::new) } else { Ok(line(&finding)) };
        if told.is_ok() {
            told = text.and_then(say);
        }
    };
    doctor::examine(config, backups, &mut tell).await;
    told?;
    match wrong {
        0 if json => Ok(()),
        0 => say(format!("all is well{}", if notable > 0 { "; some things are worth a look" } else { "" })),
        wrong => Err(Failure::new(format!("{wrong} things are wrong"))),
    }
}
