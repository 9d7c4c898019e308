//! An archive as the tests see it: its files, read and changed, and a company that is worth one.

use std::{
    io::{Read, Write},
    path::Path,
};

use serde_json::{Value, json};

use crate::program::{PASSWORD, Place, Served, ask, code, sign_in, stderr, stdout};

/// Runs a command that must succeed; answers what it printed.
#[track_caller]
pub(crate) fn run_well(place: &Place, arguments: &[&str]) -> String {
    let output = place.run(arguments);
    assert_eq!(code(&output), 0, "{arguments:?}: {}", stderr(&output));
    stdout(&output)
}

/// A file of an archive.
pub(crate) fn entry(archive: &Path, name: &str) -> Vec<u8> {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(archive).unwrap()).unwrap();
    let mut content = Vec::new();
    zip.by_name(name).unwrap().read_to_end(&mut content).unwrap();
    content
}

/// A place in the archive where the middle of a file's packed content stands.
pub(crate) fn middle_of(archive: &Path, name: &str) -> usize {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(archive).unwrap()).unwrap();
    let entry = zip.by_name(name).unwrap();
    usize::try_from(entry.data_start().unwrap() + entry.compressed_size() / 2).unwrap()
}

/// What it says of itself.
pub(crate) fn manifest(archive: &Path) -> Value {
    serde_json::from_slice(&entry(archive, "manifest.json")).unwrap()
}

/// What stands in [`attach`]'s file.
pub(crate) const ATTACHED: &str = "\"what was attached, \u{1F4E6}\"";

/// Raises a ticket with a file. Answers the file's id.
pub(crate) async fn attach(served: &Served, token: &str) -> String {
    let content: Value = serde_json::from_str(ATTACHED).unwrap();
    let path = "/api/attachments?name=Zebra.txt";
    let (status, file) = ask(served, "POST", path, Some(token), Some(content)).await;
    assert_eq!(status, 201, "{file}");
    let new = json!({ "title": "Größe of a file", "attachments": [file["id"]] });
    assert_eq!(ask(served, "POST", "/api/tickets", Some(token), Some(new)).await.0, 201);
    file["id"].as_str().unwrap().to_owned()
}

/// The files that hold what was attached, by their paths in the archive.
pub(crate) fn attached(archive: &Path) -> Vec<(String, Vec<u8>)> {
    let zip = zip::ZipArchive::new(std::fs::File::open(archive).unwrap()).unwrap();
    let names = zip.file_names().map(|name| name.unwrap().into_owned());
    let names: Vec<String> = names.filter(|name| name.starts_with("files/")).collect();
    names.into_iter().map(|name| (name.clone(), entry(archive, &name))).collect()
}

/// What is in an archive, apart from when it was made and signed.
pub(crate) fn contents(archive: &Path) -> Value {
    let mut manifest = manifest(archive);
    let manifest = manifest.as_object_mut().unwrap();
    manifest.remove("exportedAt");
    let entries = manifest["entries"].as_array_mut().unwrap();
    entries.retain(|entry| entry["path"] != "checkpoint.json");
    json!(manifest)
}

/// The archive with some of its files changed.
pub(crate) fn rewrite(from: &Path, to: &Path, mut change: impl FnMut(&str, Vec<u8>) -> Vec<u8>) {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(from).unwrap()).unwrap();
    let mut out = zip::ZipWriter::new(std::fs::File::create(to).unwrap());
    for at in 0..zip.len() {
        let mut entry = zip.by_index(at).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        out.start_file(&name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(&change(&name, content)).unwrap();
    }
    out.finish().unwrap();
}

/// A company with people, tickets, conversations and an endpoint. Answers its server and the admin's token.
pub(crate) async fn furnish(place: &Place, slug: &str, tickets: usize) {
    place.found(slug);
    let served = Served::start(place, &[]);
    let admin = format!("admin@{slug}.example");
    let token = sign_in(&served, &admin, PASSWORD).await;
    let person = json!({ "email": format!("zoe@{slug}.example"), "name": "Zoë Ünal", "role": "user", "password": PASSWORD });
    assert_eq!(ask(&served, "POST", "/api/admin/users", Some(&token), Some(person)).await.0, 201);
    let hook = json!({ "url": "https://desk.example/hook", "events": ["ticket.created"], "active": false });
    assert_eq!(ask(&served, "POST", "/api/admin/endpoints", Some(&token), Some(hook)).await.0, 201);
    let zoe = sign_in(&served, &format!("zoe@{slug}.example"), PASSWORD).await;
    for n in 0..tickets {
        let new = json!({ "title": format!("Größe {n}"), "description": "a\u{2028}b \"c\" \\ \u{1F4E6}\nd", "tags": ["x", "y"],
            "customFields": { "b": 1, "a": [true, null, 2.5] } });
        let (status, ticket) = ask(&served, "POST", "/api/tickets", Some(&zoe), Some(new)).await;
        assert_eq!(status, 201, "{ticket}");
        let path = format!("/api/tickets/{}/messages", ticket["id"].as_str().unwrap());
        assert_eq!(ask(&served, "POST", &path, Some(&zoe), Some(json!({ "body": "hello" }))).await.0, 201);
    }
    attach(&served, &zoe).await;
}
