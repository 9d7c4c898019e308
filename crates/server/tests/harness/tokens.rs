//! Tokens that nobody was given: signed with the server's own key but saying something else, with
//! another key, or not at all.

use aws_lc_rs::{encoding::AsDer, signature::Ed25519KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use flowbit_domain::control::SigningKey;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value as Json, json};

use super::{Server, beside::Beside};

/// What a token says, whoever signed it.
pub(crate) fn claims_of(token: &str) -> Json {
    let payload = token.split('.').nth(1).expect("a token has three parts");
    let bytes = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    serde_json::from_slice(&bytes).expect("claims are JSON")
}

/// Claims with some of them replaced.
pub(crate) fn with(claims: &Json, changes: &Json) -> Json {
    let mut claims = claims.clone();
    for (name, value) in changes.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    claims
}

/// The server's own signing key, taken from its data.
pub(crate) struct Forge {
    key: SigningKey,
}

impl Forge {
    pub(crate) async fn new(server: &Server) -> Self {
        let keys =
            Beside::open(server).await.store.control().signing_keys().await.expect("the keys can be read");
        Self { key: keys.into_iter().next().expect("a server has a key") }
    }

    fn header(&self) -> Header {
        Header { kid: Some(self.key.kid.clone()), ..Header::new(Algorithm::EdDSA) }
    }

    /// Signed as the server would.
    pub(crate) fn sign(&self, claims: &Json) -> String {
        jsonwebtoken::encode(&self.header(), claims, &EncodingKey::from_ed_der(&self.key.pkcs8))
            .expect("a token")
    }

    /// Signed with a key made just now that claims to be the server's.
    pub(crate) fn sign_with_foreign_key(&self, claims: &Json) -> String {
        let pair = Ed25519KeyPair::generate().expect("a key");
        let pkcs8 = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'static>>::as_der(&pair).expect("PKCS#8");
        jsonwebtoken::encode(&self.header(), claims, &EncodingKey::from_ed_der(pkcs8.as_ref()))
            .expect("a token")
    }

    /// Signed symmetrically, with the public key as the secret: what a careless verifier accepts.
    pub(crate) fn sign_with_public_key(&self, claims: &Json) -> String {
        let header = Header { alg: Algorithm::HS256, ..self.header() };
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(&self.key.public)).expect("a token")
    }

    /// Not signed, and saying so.
    pub(crate) fn unsigned(&self, claims: &Json) -> String {
        let encode = |value: &Json| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = json!({ "alg": "none", "typ": "JWT", "kid": self.key.kid });
        format!("{}.{}.", encode(&header), encode(claims))
    }

    /// Every way in which a token can be no good, made from a good one.
    pub(crate) fn bad_tokens(&self, good: &str, refresh: &str, now_s: i64) -> Vec<(&'static str, String)> {
        let claims = claims_of(good);
        let over = json!({ "iat": now_s - 1800, "nbf": now_s - 1800, "exp": now_s - 60 });
        let early = json!({ "iat": now_s + 600, "nbf": now_s + 600, "exp": now_s + 1200 });
        let mut swapped: Vec<&str> = good.split('.').collect();
        let other_body = URL_SAFE_NO_PAD.encode(with(&claims, &json!({ "role": "admin" })).to_string());
        swapped[1] = &other_body;
        vec![
            ("garbage", "garbage".to_owned()),
            ("three parts of garbage", "a.b.c".to_owned()),
            ("expired", self.sign(&with(&claims, &over))),
            ("not yet good", self.sign(&with(&claims, &early))),
            ("a callback's audience", self.sign(&with(&claims, &json!({ "aud": "callback" })))),
            ("a refresh token's audience", self.sign(&with(&claims, &json!({ "aud": "refresh" })))),
            ("no audience", self.sign(&with(&claims, &json!({ "aud": null })))),
            ("another issuer", self.sign(&with(&claims, &json!({ "iss": "https://elsewhere.example" })))),
            (
                "an unknown session",
                self.sign(&with(&claims, &json!({ "sid": "0198c0de-0000-7000-8000-000000000000" }))),
            ),
            ("a real refresh token", refresh.to_owned()),
            ("alg none", self.unsigned(&claims)),
            ("a foreign key", self.sign_with_foreign_key(&claims)),
            ("HS256 with the public key", self.sign_with_public_key(&claims)),
            ("other claims under a good signature", swapped.join(".")),
        ]
    }
}
