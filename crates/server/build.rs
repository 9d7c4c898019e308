//! Makes a release build notice that the web was built anew: its files are embedded in the binary,
//! and the compiler alone does not see added ones. Other builds read them from disk.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("PROFILE").as_deref() == Ok("release") {
        // A path that does not exist would count as changed in every build.
        let built = std::path::Path::new("../../web/dist").exists();
        println!("cargo::rerun-if-changed={}", if built { "../../web/dist" } else { "../../web" });
    }
}
