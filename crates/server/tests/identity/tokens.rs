use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::support::{Desk, Session};

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

fn header(token: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap()).unwrap()
}

#[tokio::test]
async fn an_access_token_says_what_it_should_and_verifies_by_the_published_key() {
    let (desk, tenant) = Desk::with_people().await;
    let ada = desk.login("ada@example.com").await;
    let claims = claims(&ada.token);
    assert_eq!(claims["sub"], claims["userId"]);
    assert_eq!(claims["customerId"], tenant.to_string());
    assert_eq!(claims["role"], "admin");
    assert_eq!(claims["aud"], "flowbit");
    assert_eq!(claims["iss"], desk.url(""));
    assert_eq!(claims["nbf"], claims["iat"]);
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 900);
    assert!(claims["sid"].is_string());

    let keys = desk.get("/.well-known/jwks.json", "").await.expect(200).json();
    let key = &keys["keys"][0];
    assert_eq!(key["kid"], header(&ada.token)["kid"]);
    assert_eq!(header(&ada.token)["alg"], "EdDSA");
    assert!(key.get("d").is_none());
    let public = URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap();
    let (signed, signature) = ada.token.rsplit_once('.').unwrap();
    aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::ED25519, public)
        .verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap())
        .unwrap();
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let (desk, _) = Desk::with_people().await;
    let ada = desk.login("ada@example.com").await;
    let bob = desk.login("bob@example.com").await;
    let good = claims(&ada.token);
    let kid = header(&ada.token)["kid"].clone();
    let keys = desk.get("/.well-known/jwks.json", "").await.json();
    let public = URL_SAFE_NO_PAD.decode(keys["keys"][0]["x"].as_str().unwrap()).unwrap();
    let (signed, signature) = ada.token.rsplit_once('.').unwrap();
    let payload = signed.split_once('.').unwrap().1;

    let mut forged = Vec::new();
    // No signature at all.
    for alg in ["none", "None", "NONE", ""] {
        let head = part(&json!({ "alg": alg, "typ": "JWT", "kid": kid }));
        forged.push(format!("{head}.{payload}."));
        forged.push(format!("{head}.{payload}.{signature}"));
    }
    // The public key as an HMAC secret.
    let head = part(&json!({ "alg": "HS256", "typ": "JWT", "kid": kid }));
    let text = format!("{head}.{payload}");
    for secret in [public.clone(), keys["keys"][0]["x"].as_str().unwrap().as_bytes().to_vec()] {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &secret);
        let tag = URL_SAFE_NO_PAD.encode(aws_lc_rs::hmac::sign(&key, text.as_bytes()));
        forged.push(format!("{text}.{tag}"));
    }
    // Another key, by our key's name, by its own, with the key inside.
    let pair = aws_lc_rs::signature::Ed25519KeyPair::generate().unwrap();
    let x = URL_SAFE_NO_PAD.encode(aws_lc_rs::signature::KeyPair::public_key(&pair));
    for head in [
        json!({ "alg": "EdDSA", "kid": kid }),
        json!({ "alg": "EdDSA", "kid": "mine" }),
        json!({ "alg": "EdDSA" }),
        json!({ "alg": "EdDSA", "kid": kid, "jwk": { "kty": "OKP", "crv": "Ed25519", "x": x } }),
    ] {
        let text = format!("{}.{payload}", part(&head));
        forged.push(format!("{text}.{}", URL_SAFE_NO_PAD.encode(pair.sign(text.as_bytes()))));
    }
    // Claims changed under a good signature; signatures and payloads of two tokens mixed.
    let mut raised = claims(&bob.token);
    raised["role"] = json!("admin");
    let (bob_signed, bob_signature) = bob.token.rsplit_once('.').unwrap();
    let bob_head = bob_signed.split_once('.').unwrap().0;
    forged.push(format!("{bob_head}.{}.{bob_signature}", part(&raised)));
    forged.push(format!("{signed}.{bob_signature}"));
    forged.push(format!("{signed}."));
    forged.push(signed.to_owned());
    forged.push(format!("{}.{signature}", signed.to_uppercase()));
    // Nonsense.
    forged.extend(["", ".", "..", "...", "a.b.c", "null"].map(str::to_owned));
    forged.push("x".repeat(20_000));
    forged.push(good.to_string());

    for token in &forged {
        let shown = token.get(..120).unwrap_or(token);
        let answer = desk.get("/api/me", token).await;
        assert_eq!(answer.status, 401, "{shown}");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
        answer.problem(401, "unauthenticated");
    }
    // The good one still is.
    desk.get("/api/me", &ada.token).await.expect(200);
}

#[tokio::test]
async fn tokens_are_good_for_their_purpose_alone() {
    let (desk, _) = Desk::with_people().await;
    let ada = desk.login("ada@example.com").await;
    for wrong in [&ada.refresh, &ada.device] {
        desk.get("/api/me", wrong).await.problem(401, "unauthenticated");
    }
    for wrong in [&ada.token, &ada.device] {
        desk.refresh(wrong).await.problem(401, "unauthenticated");
    }
    let request =
        desk.client.get(desk.url("/api/me")).header("authorization", format!("Basic {}", ada.token));
    desk.send(request).await.problem(401, "unauthenticated");
    let request = desk.client.get(desk.url(&format!("/api/me?access_token={}", ada.token)));
    desk.send(request).await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn an_access_token_runs_out() {
    let (desk, _) = Desk::with_people().await;
    let ada = desk.login("ada@example.com").await;
    desk.pass(899_000);
    desk.get("/api/me", &ada.token).await.expect(200);
    desk.pass(1_000);
    desk.get("/api/me", &ada.token).await.problem(401, "unauthenticated");
    let renewed = Session::of(&desk.refresh(&ada.refresh).await.expect(200));
    desk.get("/api/me", &renewed.token).await.expect(200);
    // Before its time it is no good either.
    desk.pass(-3_600_000);
    let desk = desk.restart().await;
    desk.get("/api/me", &renewed.token).await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn another_installation_is_another_issuer() {
    let desk = Desk::start_with(&[("FLOWBIT_PUBLIC_URL", "https://one.example.com")]).await;
    let (other, _) = Desk::with_people().await;
    let ada = other.login("ada@example.com").await;
    desk.get("/api/me", &ada.token).await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn keys_are_kept_and_rotated() {
    const DAY: i64 = 24 * 3600 * 1000;
    let (desk, _) = Desk::with_people().await;
    let ada = desk.login("ada@example.com").await;
    let first = header(&ada.token)["kid"].clone();
    let kids = async |desk: &Desk| -> Vec<Value> {
        let keys = desk.get("/.well-known/jwks.json", "").await.expect(200).json();
        keys["keys"].as_array().unwrap().iter().map(|k| k["kid"].clone()).collect()
    };
    let desk = Desk::restart(desk).await;
    assert_eq!(kids(&desk).await, std::slice::from_ref(&first));

    desk.pass(31 * DAY);
    let desk = desk.restart().await;
    let now = kids(&desk).await;
    assert_eq!(now.len(), 2);
    assert_eq!(now[1], first, "the older one still verifies");
    // Other nodes get the time to read the new one before they are shown its tokens.
    let signs = async |desk: &Desk| header(&desk.login("ada@example.com").await.token)["kid"].clone();
    assert_eq!(signs(&desk).await, first);
    desk.pass(DAY);
    let desk = desk.restart().await;
    assert_eq!(signs(&desk).await, first);
    desk.pass(DAY);
    let desk = desk.restart().await;
    assert_eq!((kids(&desk).await.len(), signs(&desk).await), (2, now[0].clone()));

    // 90 days after it was superseded nothing that the first signed can be good.
    for _ in 0..4 {
        desk.pass(29 * DAY);
    }
    let desk = desk.restart().await;
    assert!(!kids(&desk).await.contains(&first));
}
