//! Deliveries that are really sent.
