//! Attached files in a bucket: an S3 server of the test's own, which can go away.

use std::path::{Path, PathBuf};

use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use reqwest::Method;
use s3s::{
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use serde_json::json;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::harness::{Person, Server, client::Answer};

const BUCKET: &str = "files";
/// Who may read and write there.
const KEY: (&str, &str) = ("desk", "a secret of the bucket");

struct S3 {
    folder: PathBuf,
    port: u16,
    service: S3Service,
    serving: JoinHandle<()>,
}

async fn serve(listener: TcpListener, service: S3Service) {
    let http = Builder::new(TokioExecutor::new());
    let mut open = tokio::task::JoinSet::new();
    while let Ok((socket, _)) = listener.accept().await {
        let connection = http.serve_connection(TokioIo::new(socket), service.clone()).into_owned();
        // They end with this task.
        open.spawn(async move {
            let _ = connection.await;
        });
    }
}

impl S3 {
    async fn start(folder: &Path) -> Self {
        std::fs::create_dir_all(folder.join(BUCKET)).unwrap();
        let mut service = S3ServiceBuilder::new(FileSystem::new(folder).unwrap());
        service.set_auth(SimpleAuth::from_single(KEY.0, KEY.1));
        let service = service.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let serving = tokio::spawn(serve(listener, service.clone()));
        Self { folder: folder.to_owned(), port, service, serving }
    }

    async fn go_away(&mut self) {
        self.serving.abort();
        let _ = (&mut self.serving).await;
    }

    async fn come_back(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.unwrap();
        self.serving = tokio::spawn(serve(listener, self.service.clone()));
    }

    /// What a company keeps there.
    fn kept(&self, person: &Person) -> Vec<Vec<u8>> {
        let folder = self.folder.join(BUCKET).join("of/the/desk").join(&person.company);
        let Ok(found) = std::fs::read_dir(folder) else { return Vec::new() };
        found.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    }
}

async fn upload(person: &Person, bytes: &[u8]) -> Answer {
    let request = person.request(Method::POST, "/api/attachments?name=plan.bin").raw(bytes);
    person.web.send(&request).await
}

async fn open(person: &Person, id: &str) -> Answer {
    person.get(&format!("/api/attachments/{id}")).await
}

// The commands that it waits for ask the bucket.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_bucket_keeps_is_a_companys_own_and_outlives_the_server_and_the_buckets_absence() {
    let mut server = Server::new();
    let mut s3 = S3::start(&server.folder().join("s3")).await;
    server.set("FLOWBIT_FILES", &format!("s3://{BUCKET}/of/the/desk"));
    server.set("AWS_ENDPOINT_URL", &format!("http://127.0.0.1:{}", s3.port));
    server.set("AWS_ALLOW_HTTP", "true");
    server.set("AWS_REGION", "eu-central-1");
    server.set("AWS_ACCESS_KEY_ID", KEY.0);
    server.set("AWS_SECRET_ACCESS_KEY", KEY.1);
    for slug in ["ours", "theirs"] {
        server.create_company(slug);
    }
    server.start().await;
    let ours = server.web().sign_in("admin@ours.example").await;
    let theirs = server.web().sign_in("admin@theirs.example").await;

    // One in one piece, one in several.
    let small = b"gate 4".to_vec();
    let large: Vec<u8> = (0..9_u32 << 20).map(|n| n.to_le_bytes()[1]).collect();
    let mut ids = Vec::new();
    for bytes in [&small, &large] {
        let id = upload(&ours, bytes).await.expect(201)["id"].as_str().unwrap().to_owned();
        let message = json!({ "title": "With a file", "attachments": [id] });
        ours.post("/api/tickets", &message).await.expect(201);
        assert!(open(&ours, &id).await.body == *bytes);
        open(&theirs, &id).await.expect_problem(404, "not_found");
        ids.push(id);
    }
    upload(&theirs, &small).await.expect(201);
    assert_eq!(s3.kept(&theirs), std::slice::from_ref(&small));
    assert_eq!(s3.kept(&ours).len(), 2);
    // Nothing is anywhere else.
    assert!(!server.data().join("contents").exists());

    // While it is away the desk goes on, and nothing is promised.
    s3.go_away().await;
    upload(&ours, b"gate 5").await.expect_problem(503, "unavailable");
    open(&ours, &ids[0]).await.expect_problem(503, "unavailable");
    ours.post("/api/tickets", &json!({ "title": "Without a file" })).await.expect(201);
    server.kill();
    s3.come_back().await;
    server.start().await;
    for (id, bytes) in ids.iter().zip([&small, &large]) {
        assert!(open(&ours, id).await.body == *bytes);
    }

    // A company that moves takes its files along, and one that is erased leaves none.
    server.terminate().await;
    server.run_well(&["tenant", "export", "ours", "--out", "ours.zip"], "");
    server.run_well(&["tenant", "erase", "ours", "--yes"], "");
    assert_eq!(s3.kept(&ours).len(), 0);
    assert_eq!(s3.kept(&theirs), std::slice::from_ref(&small));
    server.run_well(&["tenant", "import", "ours.zip"], "");
    assert_eq!(s3.kept(&ours).len(), 2);
    server.start().await;
    let again = server.web().sign_in("admin@ours.example").await;
    for (id, bytes) in ids.iter().zip([&small, &large]) {
        assert!(open(&again, id).await.body == *bytes);
    }
}
