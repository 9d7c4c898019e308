//! Contents in a folder: kept whole, read as they are, each company's its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

use std::path::Path;

use flowbit_content::{Arrival, Arrived, ContentError, Contents, Place};
use flowbit_domain::{ContentId, TenantId};
use futures_util::TryStreamExt;
use uuid::Uuid;

const TENANT: TenantId = TenantId(Uuid::from_u128(1));
const OTHER: TenantId = TenantId(Uuid::from_u128(2));

fn content(n: u128) -> ContentId {
    ContentId(Uuid::from_u128(n))
}

async fn arrive(folder: &Path, pieces: &[&[u8]]) -> Arrived {
    let mut arrival = Arrival::begin(&folder.join("arriving")).await.unwrap();
    for piece in pieces {
        arrival.add(piece).await.unwrap();
    }
    arrival.finish().await.unwrap()
}

async fn read(
    contents: &Contents,
    tenant: TenantId,
    id: ContentId,
    size: usize,
) -> Result<Vec<u8>, ContentError> {
    let pieces = contents.get(tenant, id, size as u64).await?;
    let read: Vec<_> = pieces.try_collect().await?;
    Ok(read.concat())
}

#[tokio::test]
async fn what_is_kept_is_what_has_arrived() {
    let folder = tempfile::tempdir().unwrap();
    let contents = Contents::open(&Place::Folder(folder.path().join("contents")), folder.path()).unwrap();
    // One that is sent in one piece, an empty one, and one that is sent in several.
    let large = vec![7; (20 << 20) + 1];
    for (n, bytes) in [(1, b"\x89PNG\r\n\x1a\n".to_vec()), (2, Vec::new()), (3, large)] {
        let mut arrived = arrive(folder.path(), &bytes.chunks(100_000).collect::<Vec<_>>()).await;
        assert_eq!(arrived.size, bytes.len() as u64);
        contents.put(TENANT, content(n), &mut arrived).await.unwrap();
        // Sent again, it is the same.
        contents.put(TENANT, content(n), &mut arrived).await.unwrap();
        assert!(read(&contents, TENANT, content(n), bytes.len()).await.unwrap() == bytes);
        let longer = read(&contents, TENANT, content(n), bytes.len() + 1).await;
        assert!(matches!(longer, Err(ContentError::Missing(_))));
        let theirs = read(&contents, OTHER, content(n), bytes.len()).await;
        assert!(matches!(theirs, Err(ContentError::Missing(_))));
    }
    let again = Contents::open(&Place::Folder(folder.path().join("contents")), folder.path()).unwrap();
    assert_eq!(read(&again, TENANT, content(1), 8).await.unwrap(), b"\x89PNG\r\n\x1a\n");
    // What has arrived and was not kept has left nothing.
    assert_eq!(std::fs::read_dir(folder.path().join("arriving")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_hash_and_a_kind_are_those_of_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let arrived = arrive(folder.path(), &[b"ab", b"", b"c"]).await;
    // FIPS 180-2, appendix B.1.
    let abc = [0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea];
    assert_eq!(arrived.sha256[..8], abc);
    assert_eq!(arrived.media_type, "text/plain; charset=utf-8");
    assert_eq!(arrive(folder.path(), &[b"%P", b"DF-1.7"]).await.media_type, "application/pdf");
}

#[tokio::test]
async fn what_is_removed_is_gone_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let contents = Contents::open(&Place::Folder(folder.path().join("contents")), folder.path()).unwrap();
    for (tenant, n) in [(TENANT, 1), (TENANT, 2), (OTHER, 1)] {
        let mut arrived = arrive(folder.path(), &[b"x"]).await;
        contents.put(tenant, content(n), &mut arrived).await.unwrap();
    }
    let mut tenants = contents.tenants().await.unwrap();
    tenants.sort();
    assert_eq!(tenants, [TENANT, OTHER]);
    contents.remove(TENANT, content(1)).await.unwrap();
    contents.remove(TENANT, content(1)).await.unwrap();
    assert!(read(&contents, TENANT, content(1), 1).await.is_err());
    read(&contents, TENANT, content(2), 1).await.unwrap();
    contents.remove_all(TENANT).await.unwrap();
    contents.remove_all(TENANT).await.unwrap();
    assert!(read(&contents, TENANT, content(2), 1).await.is_err());
    read(&contents, OTHER, content(1), 1).await.unwrap();
    assert_eq!(contents.tenants().await.unwrap(), [OTHER]);
}
