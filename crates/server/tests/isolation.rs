//! Two companies on one server never learn of each other, and requesters nothing of internal notes and
//! of others' tickets, whatever their history; and nobody can change the past unnoticed.
//!
//! Histories are random. In-process ones go through the use-cases on the real store, thousands of
//! steps; one over HTTP goes through everything that lies before them, caches above all.

#![cfg(test)]

mod harness;
#[path = "isolation/history.rs"]
mod history;
#[path = "isolation/over_http.rs"]
mod over_http;
#[path = "isolation/sight.rs"]
mod sight;
#[path = "isolation/steps.rs"]
mod steps;
#[path = "isolation/tampering.rs"]
mod tampering;

use harness::place::Place;
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};

/// How many histories, unless `PROPTEST_CASES` says otherwise.
const HISTORIES: u32 = 24;

fn cases(usual: u32) -> Config {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    Config {
        cases: asked.unwrap_or(usual),
        failure_persistence: None,
        max_shrink_time: 30_000,
        ..Config::default()
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// Runs a property on a store of its own for each case. A failed assertion is a failed case, so that
/// the history is made smaller before it is shown.
fn check<S: Strategy>(usual: u32, strategy: &S, property: impl AsyncFn(&Place, S::Value)) {
    let runtime = runtime();
    let outcome = TestRunner::new(cases(usual)).run(strategy, |value| {
        let place = Place::new();
        let property = std::panic::AssertUnwindSafe(|| runtime.block_on(property(&place, value)));
        std::panic::catch_unwind(property).map_err(|panic| {
            let said = panic.downcast_ref::<String>().cloned();
            TestCaseError::fail(
                said.or(panic.downcast_ref::<&str>().map(|s| (*s).to_owned())).unwrap_or_default(),
            )
        })
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

#[test]
fn nothing_of_one_company_or_hidden_from_a_role_is_ever_shown() {
    check(HISTORIES, &history::history(80), async |place, steps| {
        let mut world = history::World::new(place).await;
        for (second, step) in steps {
            world.run(usize::from(second), step).await;
        }
        world.sweep().await;
        // On PostgreSQL a company has no file that could be copied.
        if place.database().is_none() {
            world.sweep_backups(place.path()).await;
        }
        world.store.close().await;
    });
}
