//! A workflow whose certificate has expired, and gets a good one.

use std::{io, net::SocketAddr, sync::Arc};

use axum::{Router, serve::Listener};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use serde_json::{Value as Json, json};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig, server::TlsStream};

use crate::harness::{Server, client::until};

/// Hands on the connections on which the client has believed the certificate.
struct Guarded {
    listener: TcpListener,
    certificate: watch::Receiver<Arc<ServerConfig>>,
}

impl Listener for Guarded {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            let (stream, peer) = self.listener.accept().await.unwrap();
            let acceptor = TlsAcceptor::from(self.certificate.borrow().clone());
            // Whoever does not believe it hangs up.
            if let Ok(stream) = acceptor.accept(stream).await {
                return (stream, peer);
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Whom the server trusts.
struct Authority(Issuer<'static, KeyPair>);

impl Authority {
    /// With its certificate, as PEM.
    fn new() -> (Self, String) {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        (Self(Issuer::new(params, key)), pem)
    }

    /// A certificate for this machine that is good until the beginning of a year.
    fn certify_until(&self, year: i32) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(year, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = key.serialize_der().try_into().unwrap();
        let config = ServerConfig::builder().with_no_client_auth();
        Arc::new(config.with_single_cert(vec![certificate.der().clone()], key).unwrap())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_certificate_is_named_and_nothing_is_sent_until_it_is_a_good_one() {
    let (authority, pem) = Authority::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/hook", listener.local_addr().unwrap());
    let (renew, certificate) = watch::channel(authority.certify_until(2021));
    let (arrived, mut arrivals) = tokio::sync::mpsc::unbounded_channel();
    let router = Router::new().fallback(async move |body: String| drop(arrived.send(body)));
    tokio::spawn(async move { axum::serve(Guarded { listener, certificate }, router).await });

    let mut server = Server::new();
    server.create_company("ours");
    let trusted = server.folder().join("authority.pem");
    std::fs::write(&trusted, pem).unwrap();
    server.set("SSL_CERT_FILE", &trusted.display().to_string());
    server.start().await;
    let admin = server.web().sign_in("admin@ours.example").await;
    let endpoint = json!({ "url": url, "events": ["ticket.created"] });
    admin.post("/api/admin/endpoints", &endpoint).await.expect(201);
    admin.post("/api/tickets", &json!({ "title": "Not in clear" })).await.expect(201);

    let delivery = async |is: fn(&Json) -> bool| {
        until("the delivery", async || {
            let page = admin.get("/api/admin/deliveries").await.expect(200);
            Some(page["items"][0].clone()).filter(is)
        })
        .await
    };
    let failed = delivery(|delivery| delivery["lastError"].is_string()).await;
    let said = failed["lastError"].as_str().unwrap();
    assert!(said.contains("certificate") && said.contains("expired"), "{said}");
    assert_eq!(failed["state"], "pending", "it is tried again: {failed}");
    assert!(arrivals.try_recv().is_err(), "it was sent to somebody who could not show who they are");

    renew.send(authority.certify_until(2100)).unwrap();
    delivery(|delivery| delivery["lastStatus"] == 200).await;
    assert!(arrivals.recv().await.unwrap().contains("ticket.created"));
}
