//! The keys that sign tokens and checkpoints: Ed25519 (RFC 8032), made and rotated by Flowbit itself.
//!
//! The newest key signs, but a new one only when all nodes have had the time to read it. An older one goes on
//! verifying until nothing that it signed can still be good, and is then forgotten. Tokens are JWTs (RFC 7519) of algorithm
//! `EdDSA` (RFC 8037) alone; what a token is for stands in `aud`, and is always asked for.

use std::{
    collections::HashMap,
    sync::{
        Arc, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use aws_lc_rs::{
    encoding::AsDer,
    signature::{Ed25519KeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use flowbit_domain::{
    control::SigningKey,
    time::{Clock, Timestamp},
};
use flowbit_store::Control;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// A key signs for so long.
const ROTATED_AFTER_MS: i64 = 30 * DAY_MS;
/// A new key is known for so long before it signs: each node looks at the keys once a day.
const PUBLISHED_MS: i64 = DAY_MS + DAY_MS / 4;
/// After so long every node signs with it.
const USED_MS: i64 = PUBLISHED_MS + DAY_MS;
/// No token is good for longer, in milliseconds: 90 days. It bounds how long old keys are kept.
pub(crate) const LONGEST_MS: i64 = 90 * DAY_MS;
/// No token of ours is longer; longer ones are not even looked at.
const LONGEST_TOKEN: usize = 4096;
/// How far the clocks of two nodes may be apart.
const LEEWAY_S: i64 = 5;
/// A token of an unknown key makes the keys be read anew, but no more often than this.
const RELOADED_AFTER_MS: i64 = 10_000;

/// What a token is for: its `aud`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Requests of a person who signed in.
    Access,
    /// Renewing a session.
    Refresh,
    /// The callback of one delivery.
    Callback,
    /// Choosing a password.
    Invitation,
    /// Recognising a device from which someone signed in before.
    Device,
    /// Being rid of e-mails.
    Unsubscribe,
}

impl Purpose {
    fn audience(self) -> &'static str {
        match self {
            Self::Access => "flowbit",
            Self::Refresh => "refresh",
            Self::Callback => "callback",
            Self::Invitation => "invitation",
            Self::Device => "device",
            Self::Unsubscribe => "unsubscribe",
        }
    }
}

#[derive(Serialize)]
struct Signed<'a, C> {
    iss: &'a str,
    aud: &'static str,
    iat: i64,
    nbf: i64,
    exp: i64,
    #[serde(flatten)]
    claims: &'a C,
}

#[derive(Deserialize)]
struct Received<C> {
    nbf: i64,
    exp: i64,
    #[serde(flatten)]
    claims: C,
}

/// A token that was good when it was verified.
#[derive(Debug, Clone)]
pub(crate) struct Verified<C> {
    /// What it says.
    pub(crate) claims: C,
    /// Until when it is good.
    pub(crate) expires_at: Timestamp,
}

/// A signature of something that is not a token, with what verifies it.
pub(crate) struct Signature {
    pub(crate) kid: String,
    pub(crate) public_key: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

struct Ring {
    signing: Pair,
    verifying: HashMap<String, Verifying>,
    jwks: bytes::Bytes,
}

struct Pair {
    kid: String,
    encoding: EncodingKey,
    pair: Ed25519KeyPair,
}

struct Verifying {
    key: DecodingKey,
    /// When the last token that it signed is over; `None` while it signs.
    until: Option<Timestamp>,
}

/// The keys.
pub(crate) struct Keys {
    issuer: String,
    control: Control,
    clock: Arc<dyn Clock>,
    ring: RwLock<Arc<Ring>>,
    reloaded_at: AtomicI64,
}

/// A fault with the keys: the server can't start or serve. Never shown to clients.
#[derive(Debug, thiserror::Error)]
#[error("signing keys: {0}")]
pub(crate) struct KeyError(String);

fn fault(what: impl std::fmt::Display) -> KeyError {
    KeyError(what.to_string())
}

impl Keys {
    /// Reads the keys, and makes the first or the next when it is time.
    pub(crate) async fn load(
        control: Control,
        clock: Arc<dyn Clock>,
        issuer: &str,
    ) -> Result<Self, KeyError> {
        let ring = read_or_rotate(&control, clock.now()).await?;
        Ok(Self {
            issuer: issuer.to_owned(),
            control,
            reloaded_at: AtomicI64::new(clock.now().0),
            clock,
            ring: RwLock::new(Arc::new(ring)),
        })
    }

    /// Makes the next key when it is time, and forgets those of which nothing is left.
    pub(crate) async fn rotate(&self) -> Result<(), KeyError> {
        let ring = read_or_rotate(&self.control, self.clock.now()).await?;
        self.replace(ring);
        Ok(())
    }

    fn replace(&self, ring: Ring) {
        *self.ring.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(ring);
    }

    fn ring(&self) -> Arc<Ring> {
        self.ring.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// The public keys as a JWK set (RFC 7517), as JSON.
    pub(crate) fn jwks(&self) -> bytes::Bytes {
        self.ring().jwks.clone()
    }

    /// Signs a token that is good from now for `lifetime_ms`.
    pub(crate) fn sign<C: Serialize>(
        &self,
        purpose: Purpose,
        lifetime_ms: i64,
        claims: &C,
    ) -> Result<String, KeyError> {
        let ring = self.ring();
        let now = self.clock.now().0.div_euclid(1000);
        let lifetime = lifetime_ms.clamp(0, LONGEST_MS) / 1000;
        let signed = Signed {
            iss: &self.issuer,
            aud: purpose.audience(),
            iat: now,
            nbf: now,
            exp: now + lifetime,
            claims,
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(ring.signing.kid.clone());
        jsonwebtoken::encode(&header, &signed, &ring.signing.encoding).map_err(fault)
    }

    /// Verifies a token. `None`: it is not ours, not for this purpose, or not good now. Nobody needs
    /// to know which.
    pub(crate) async fn verify<C: DeserializeOwned>(
        &self,
        purpose: Purpose,
        token: &str,
    ) -> Option<Verified<C>> {
        if token.len() > LONGEST_TOKEN {
            return None;
        }
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.alg != Algorithm::EdDSA {
            return None;
        }
        let kid = header.kid?;
        if !self.ring().verifying.contains_key(&kid) {
            // Another node may have made a key since.
            self.reload().await;
        }
        self.verify_by(&kid, purpose, token)
    }

    async fn reload(&self) {
        let now = self.clock.now();
        let last = self.reloaded_at.load(Ordering::Relaxed);
        let due = now.0.saturating_sub(last) >= RELOADED_AFTER_MS;
        if due && self.reloaded_at.compare_exchange(last, now.0, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            match self.control.signing_keys().await.map_err(fault).and_then(|keys| build(&keys, now)) {
                Ok(ring) => self.replace(ring),
                Err(error) => tracing::warn!(%error, "the signing keys could not be read anew"),
            }
        }
    }

    fn verify_by<C: DeserializeOwned>(
        &self,
        kid: &str,
        purpose: Purpose,
        token: &str,
    ) -> Option<Verified<C>> {
        let ring = self.ring();
        let key = ring.verifying.get(kid)?;
        let now = self.clock.now();
        if key.until.is_some_and(|until| until <= now) {
            return None;
        }
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[purpose.audience()]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud"]);
        // The crate reads the system's clock. Times are compared below, with the injected one.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let Received { nbf, exp, claims } =
            jsonwebtoken::decode::<Received<C>>(token, &key.key, &validation).ok()?.claims;
        let expires_at = Timestamp(exp.saturating_mul(1000));
        let begun = nbf.saturating_sub(LEEWAY_S).saturating_mul(1000) <= now.0;
        (begun && now < expires_at).then_some(Verified { claims, expires_at })
    }

    /// Signs bytes that are not a token, such as a checkpoint's. They begin with a prefix of their own
    /// (`flowbit-checkpoint-v1`), so that no such signature can be passed for a token's.
    pub(crate) fn sign_bytes(&self, bytes: &[u8]) -> Signature {
        let ring = self.ring();
        let Pair { kid, pair, .. } = &ring.signing;
        Signature {
            kid: kid.clone(),
            public_key: pair.public_key().as_ref().to_vec(),
            signature: pair.sign(bytes).as_ref().to_vec(),
        }
    }
}

async fn read_or_rotate(control: &Control, now: Timestamp) -> Result<Ring, KeyError> {
    let mut keys = control.signing_keys().await.map_err(fault)?;
    let young = now.plus_ms(1 - ROTATED_AFTER_MS);
    if keys.first().is_none_or(|newest| newest.created_at < young) {
        let key = make_key(now)?;
        let kid = key.kid.clone();
        if control.add_signing_key(key, young).await.map_err(fault)? {
            tracing::info!(kid, "made a signing key");
        }
        // Another node's, if it was quicker.
        keys = control.signing_keys().await.map_err(fault)?;
    }
    build(&keys, now)
}

fn make_key(now: Timestamp) -> Result<SigningKey, KeyError> {
    let pair = Ed25519KeyPair::generate().map_err(fault)?;
    let pkcs8: aws_lc_rs::encoding::Pkcs8V2Der<'_> = pair.as_der().map_err(fault)?;
    let public = pair.public_key().as_ref().to_vec();
    Ok(SigningKey { kid: thumbprint(&public), pkcs8: pkcs8.as_ref().to_vec(), public, created_at: now })
}

/// The key's name: its JWK thumbprint (RFC 7638, RFC 8037 appendix A.3).
pub(crate) fn thumbprint(public: &[u8]) -> String {
    let x = URL_SAFE_NO_PAD.encode(public);
    let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, canonical.as_bytes());
    URL_SAFE_NO_PAD.encode(digest.as_ref())
}

/// Builds the ring from keys, newest first.
fn build(keys: &[SigningKey], now: Timestamp) -> Result<Ring, KeyError> {
    let is_known = |key: &&SigningKey| key.created_at.plus_ms(PUBLISHED_MS) <= now;
    // The first of all signs at once.
    let signs = keys.iter().find(is_known).or(keys.last()).ok_or_else(|| fault("there is none"))?;
    let pair = Ed25519KeyPair::from_pkcs8(&signs.pkcs8).map_err(fault)?;
    let signing = Pair { kid: signs.kid.clone(), encoding: EncodingKey::from_ed_der(&signs.pkcs8), pair };
    let mut verifying = HashMap::new();
    let mut published = Vec::new();
    let mut superseded_at: Option<Timestamp> = None;
    for key in keys {
        let until = superseded_at.map(|at| at.plus_ms(USED_MS + LONGEST_MS));
        superseded_at = Some(key.created_at);
        if until.is_some_and(|until| until <= now) {
            continue;
        }
        verifying.insert(key.kid.clone(), Verifying { key: DecodingKey::from_ed_der(&key.public), until });
        published.push(serde_json::json!({
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig",
            "kid": key.kid, "x": URL_SAFE_NO_PAD.encode(&key.public),
        }));
    }
    let jwks = serde_json::to_vec(&serde_json::json!({ "keys": published })).map_err(fault)?;
    Ok(Ring { signing, verifying, jwks: jwks.into() })
}
