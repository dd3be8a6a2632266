//! All that another machine needs to recompute the ratings of a uid, in one file.
//!
//! A bundle has the receipts of whole epochs, of all miners, because only all of them have the root that stands on chain; and the answers
//! of the one uid that it is about. Nothing in it is secret: tasks were sent to miners, and a receipt has no words of users.
use crate::{
    evidence::{receipts_root, Evidence},
    rate::EpochSecret,
    store::{CommitState, Store, StoreError, StoredLeaf},
};
use codec::{Decode, DecodeAll, Encode};
use laurel_protocol::{merkle_root, Hash};
use laurel_types::{EpochIndex, NetUid, Uid};
use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

/// What a bundle begins with: what it is, and the version of its layout.
const MAGIC: &[u8; 16] = b"laurel/bundle/1\n";

/// Why a bundle cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is nothing to put into it.
    #[error("this validator has no receipt of uid {0}: `laurel metagraph` shows which uids there are")]
    NoReceipts(Uid),
    /// The file cannot be read or written.
    #[error("{path}: {source}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file is something else.
    #[error("{path} is no bundle of this release, or is damaged: write it anew with `laurel explain --export`", path = .0.display())]
    NotABundle(PathBuf),
}

/// A receipt with what was answered.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Leaf {
    /// The task in a few words; for people, not under the root.
    pub summary: String,
    /// The encoded [`Evidence`].
    pub receipt: Vec<u8>,
    /// The answer's body, of the uid that the bundle is about, as far as the validator kept it.
    pub answer: Option<Vec<u8>>,
}

/// Where the root of an epoch's receipts is to be found on chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Place {
    /// The root that the validator committed to.
    pub root: Hash,
    /// The epoch in which it did.
    pub committed: EpochIndex,
    /// The epoch in which it reveals.
    pub revealed: EpochIndex,
    /// Whether it had revealed when the bundle was made.
    pub is_revealed: bool,
}

/// The receipts that count in one commit.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Commitment {
    /// The epoch that the receipts name.
    pub epoch: EpochIndex,
    /// The commit; none while the weights of the epoch are not fixed.
    pub place: Option<Place>,
    /// All receipts, in the order of the tree.
    pub leaves: Vec<Leaf>,
}

impl Commitment {
    /// The root over the leaves that are here.
    pub fn root(&self) -> Hash {
        let leaves: Vec<&[u8]> = self.leaves.iter().map(|leaf| leaf.receipt.as_slice()).collect();
        merkle_root(&leaves)
    }
}

/// See the [module](self).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Bundle {
    /// Genesis hash of the chain.
    pub genesis: Hash,
    /// The subnet.
    pub netuid: NetUid,
    /// The validator's hotkey.
    pub validator: [u8; 32],
    /// The uid that it is about.
    pub uid: Uid,
    /// The secrets from which it was drawn whether answers are checked, of epochs that are over.
    pub secrets: Vec<(EpochIndex, Hash)>,
    /// The epochs, oldest first.
    pub epochs: Vec<Commitment>,
}

impl Bundle {
    /// Makes one of the last `epochs` epochs in which a uid has receipts, from a validator's data folder. Works while the validator runs.
    ///
    /// # Errors
    /// When there is no store, it is damaged, or has no receipt of the uid.
    pub fn export(netuid: NetUid, uid: Uid, data_dir: &Path, epochs: u32) -> Result<Self, BundleError> {
        let store = Store::open_to_read(data_dir, netuid)?;
        let identity = store.identity(netuid)?;
        let commitments = store
            .epochs_of(uid, epochs)?
            .into_iter()
            .map(|epoch| commitment(&store, epoch, uid))
            .collect::<Result<Vec<_>, _>>()?;
        if commitments.is_empty() {
            return Err(BundleError::NoReceipts(uid));
        }
        let secrets = secrets(&store, &commitments)?;
        Ok(Self {
            genesis: identity.genesis,
            netuid,
            validator: identity.hotkey,
            uid,
            secrets,
            epochs: commitments,
        })
    }

    /// Writes it beside the file first, so that a full disk leaves no half of one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), BundleError> {
        let partial = path.with_extension("partial");
        let written = fs::write(&partial, (MAGIC, self).encode()).and_then(|()| fs::rename(&partial, path));
        written.map_err(|source| file_error(path, source))
    }

    /// Reads a file that [`Self::write`] wrote.
    ///
    /// # Errors
    /// When the file cannot be read, or holds something else.
    pub fn read(path: &Path) -> Result<Self, BundleError> {
        let bytes = fs::read(path).map_err(|source| file_error(path, source))?;
        let body = bytes.strip_prefix(MAGIC.as_slice());
        body.and_then(|mut body| Self::decode_all(&mut body).ok())
            .ok_or_else(|| BundleError::NotABundle(path.into()))
    }
}

fn file_error(path: &Path, source: io::Error) -> BundleError {
    BundleError::File {
        path: path.into(),
        source,
    }
}

/// The secrets of the epochs from which the receipts' draws are, but for one that may still draw.
fn secrets(store: &Store, commitments: &[Commitment]) -> Result<Vec<(EpochIndex, Hash)>, StoreError> {
    let receipts = commitments.iter().flat_map(|commitment| &commitment.leaves);
    let drawn = receipts.filter_map(|leaf| Some(Evidence::read(&leaf.receipt).ok()?.draw?.epoch));
    let drawn: BTreeSet<EpochIndex> = drawn.collect();
    let (key, last) = (store.shown_task_key()?, store.last_fixed()?);
    let over = drawn.into_iter().filter(|epoch| last.is_some_and(|last| *epoch < last));
    Ok(over.map(|epoch| (epoch, EpochSecret::new(&key, epoch).key())).collect())
}

fn commitment(store: &Store, epoch: EpochIndex, uid: Uid) -> Result<Commitment, StoreError> {
    let before = receipts_root(&store.leaves(EpochIndex(epoch.0.saturating_sub(1)))?);
    // First, because no leaf is added to an epoch whose weights are fixed.
    let fixed = store.commit_of(epoch)?;
    let leaves = store.leaves_with_answers(epoch, uid)?;
    let leaves = leaves.into_iter().map(
        |StoredLeaf {
             summary,
             receipt,
             answer,
         }| Leaf {
            summary,
            receipt,
            answer,
        },
    );
    let mut commitment = Commitment {
        epoch,
        place: None,
        leaves: leaves.collect(),
    };
    // Under another root, because leaves were lost or altered; but not the commit of the epoch before that got into a block late.
    let other = fixed.filter(|commit| commit.receipts_root != before);
    let commit = store.commit_to(epoch, commitment.root())?.or(other);
    commitment.place = commit.map(|commit| Place {
        root: commit.receipts_root,
        committed: commit.epoch,
        revealed: commit.reveal_epoch,
        is_revealed: commit.state == CommitState::Revealed,
    });
    Ok(commitment)
}
