//! The use-cases of automation on a real store, with a clock that the tests turn.

mod callbacks;
mod deliveries;
mod endpoints;
mod fixture;
mod outages;
