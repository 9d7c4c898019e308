//! The folder of the backups, and what a restore that broke off has left.

use std::path::Path;

use super::Findings;
use crate::backup;

pub(super) fn examine(folder: &Path, findings: &mut Findings<'_>) {
    const WHAT: &str = "backups";
    let stock = match backup::take_stock(folder) {
        Ok(stock) => stock,
        Err(error) => return findings.wrong(WHAT, error),
    };
    match stock.newest {
        Some(newest) => {
            findings.fine(WHAT, format!("{} in {}, the newest as of {newest}", stock.whole, folder.display()))
        }
        None => findings.wrong(WHAT, format!("{}: there is no whole one", folder.display())),
    }
    for path in &stock.unfinished {
        let path = path.display();
        let what = if stock.is_busy {
            "a backup is under way; of that or of one that broke off"
        } else {
            "a backup broke off, and the next one removes it"
        };
        findings.notable(WHAT, format!("{path}: {what}"));
    }
}

pub(super) fn examine_restore(data: &Path, findings: &mut Findings<'_>) {
    let aside = backup::aside_of(data);
    if aside.exists() {
        findings.notable(
            "restore",
            format!(
                "{}: a restore is under way or broke off; run it again, or remove this folder",
                aside.display()
            ),
        );
    }
}
