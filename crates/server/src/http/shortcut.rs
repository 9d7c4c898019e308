//! The short way: a read is answered from what is kept before it is routed, after the same checks as on the long way,
//! all of them look-ups in memory. Where other nodes may write it waits for one thing, how far the company's ledger
//! is, and tells that to the long way if nothing is kept.

use std::{
    net::IpAddr,
    sync::{Arc, OnceLock},
    time::Instant,
};

use axum::{
    http::{Method, Request},
    response::{IntoResponse, Response},
};
use flowbit_domain::Principal;
use hyper::body::Incoming;

use super::{
    cache,
    context::{Charge, KnownLedger, RequestInfo, client_ip},
    listen::Shortcut,
    problem::{self, Problem},
    surround::{X_REQUEST_ID, log, names_one_host, route_name, set_headers},
};
use crate::{
    app::App,
    identity::{
        self,
        caller::{Caller, bearer},
    },
    telemetry::traces,
};

/// Answers from what is kept.
#[derive(Clone)]
pub(crate) struct Kept(pub(crate) App);

impl Shortcut for Kept {
    fn asks(&self) -> bool {
        self.0.store.asks_for_ledger_seq()
    }

    fn answer(&self, peer: IpAddr, request: &Request<Incoming>) -> Option<Response> {
        if self.asks() {
            return None;
        }
        let app = &self.0;
        let asked = Asked::look(app, request)?;
        let seq = app.store.known_ledger_seq(&Caller::ctx_of_verified(&asked.principal))?;
        asked.answer(app, seq, peer, request, Charge::Due)
    }

    async fn ask(&self, peer: IpAddr, request: &mut Request<Incoming>) -> Option<Response> {
        let app = &self.0;
        let asked = Asked::look(app, request)?;
        // Whoever asks too often is told before the database is asked.
        if let Err(problem) =
            asked.charge(app, client_ip(peer, request.headers(), &app.config.trusted_proxies))
        {
            request.extensions_mut().insert(Charge::Refused(problem));
            return None;
        }
        // Should it fail, the long way says so.
        let seq = app.store.ledger_seq(&Caller::ctx_of_verified(&asked.principal)).await.ok();
        let tenant = asked.principal.tenant;
        let answer = seq.and_then(|seq| asked.answer(app, seq, peer, request, Charge::Paid));
        if answer.is_none() {
            // Only now: most are answered, and need no place for it.
            request.extensions_mut().insert(Charge::Paid);
            if let Some(seq) = seq {
                request.extensions_mut().insert(KnownLedger { tenant, seq });
            }
        }
        answer
    }
}

/// A read that may have been answered before.
struct Asked {
    principal: Arc<Principal>,
    began: Instant,
}

impl Asked {
    fn look(app: &App, request: &Request<Incoming>) -> Option<Self> {
        let plain = request.method() == Method::GET && names_one_host(request);
        if !plain || !cache::may_be_kept(request.uri()) {
            return None;
        }
        let began = Instant::now();
        let headers = request.headers();
        if traces::is_on() && headers.contains_key(traces::TRACE_PARENT) {
            // Whoever sends it wants to see the request; on this way there are no spans.
            return None;
        }
        let principal = identity::remember(app, bearer(headers)?)?;
        Some(Self { principal, began })
    }

    /// Counts it against the limits of where it comes from and of who asks.
    fn charge(&self, app: &App, ip: IpAddr) -> Result<(), Problem> {
        app.limits.check_address(ip)?;
        app.limits.check_caller(&self.principal)
    }

    fn answer(
        self,
        app: &App,
        seq: i64,
        peer: IpAddr,
        request: &Request<Incoming>,
        charge: Charge,
    ) -> Option<Response> {
        let headers = request.headers();
        let info = RequestInfo {
            id: app.request_ids.choose(headers),
            ip: client_ip(peer, headers, &app.config.trusted_proxies),
            route: None,
            caller: OnceLock::from(self.principal.clone()),
            ledger: None,
            charge,
        };
        // Only what is answered here is counted here.
        let may = || match info.charge {
            Charge::Due => self.charge(app, info.ip),
            _ => Ok(()),
        };
        let (answer, route) = cache::find(app, &self.principal, seq, request.uri(), headers, may)?;
        let response = match answer {
            Ok(mut response) => {
                response.headers_mut().insert(X_REQUEST_ID, info.id.clone());
                response
            }
            Err(problem) => {
                let mut response = problem.into_response();
                problem::render(&mut response, info.id());
                set_headers(app, &mut response, &info);
                response
            }
        };
        let route = route_name(route.as_ref());
        log(&app.durations, &info, &Method::GET, route, response.status(), self.began.elapsed());
        Some(response)
    }
}
