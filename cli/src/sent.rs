//! What was sent and is not decided yet: in a file of the wallet's, which is there before anything is sent and goes once it is decided, so that a
//! command that is killed leaves something to go on with; and what of it is shown at a terminal meanwhile.
use crate::{
    carried,
    waiting::{waiting, Waiting},
};
use laurel_chain::{BlockHash, ChainError, SignedTransaction, Stage, Watcher};
use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard},
};

/// The folder of a wallet that holds them.
const FOLDER: &str = "undecided";

/// One transaction on its way, signed again or not.
pub struct Sent<'a> {
    folder: PathBuf,
    genesis: BlockHash,
    call: &'a str,
    shown: Waiting,
    /// Where it is kept, locked as long as this command waits for it.
    kept: Mutex<Option<(PathBuf, File)>>,
}

impl<'a> Sent<'a> {
    /// One that a wallet signs.
    pub fn new(wallet: &Path, genesis: BlockHash, call: &'a str) -> Self {
        Self {
            folder: wallet.join(FOLDER),
            genesis,
            call,
            shown: waiting("signed; sending it"),
            kept: Mutex::new(None),
        }
    }

    /// One that is in a file, which goes once it is decided where this program kept it.
    pub fn again(file: &Path, genesis: BlockHash, call: &'a str) -> Self {
        let folder = file.parent().unwrap_or(Path::new(""));
        let ours = folder.file_name().is_some_and(|name| name == FOLDER);
        let kept = File::open(file).ok().filter(|_| ours).map(|open| {
            // Where another command waits for it too, either may take it away.
            let _ = open.try_lock();
            (file.to_owned(), open)
        });
        Self {
            folder: folder.into(),
            genesis,
            call,
            shown: waiting("sending it"),
            kept: Mutex::new(kept),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Option<(PathBuf, File)>> {
        // A poisoned lock still says where the file is.
        self.kept.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn keep(&self, transaction: &SignedTransaction) -> io::Result<(PathBuf, File)> {
        let path = self.folder.join(format!("{}.json", transaction.hash()));
        carried::write_signed(&path, self.genesis, self.call, transaction).map_err(|error| {
            let kind = error.downcast_ref().map_or(ErrorKind::Other, io::Error::kind);
            io::Error::new(kind, laurel_daemon::one_line(&error))
        })?;
        let file = File::open(&path)?;
        // Only so that other commands do not speak of it.
        let _ = file.try_lock();
        Ok((path, file))
    }

    /// The failure, with how to go on where something was sent that is not decided.
    pub fn failed(self, error: ChainError) -> anyhow::Error {
        let how = self.kept().as_ref().map(|(path, _)| how_to_go_on(path));
        anyhow::Error::new(error).context(how.unwrap_or_else(|| self.call.to_owned()))
    }
}

impl Watcher for Sent<'_> {
    fn sending(&self, transaction: &SignedTransaction) -> io::Result<()> {
        let kept = match self.keep(transaction) {
            Ok(kept) => Some(kept),
            // A wallet that cannot be written to, by choice: what is sent is then known to this command alone.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
                ) =>
            {
                None
            }
            Err(error) => return Err(error),
        };
        self.decided();
        *self.kept() = kept;
        Ok(())
    }

    fn reached(&self, stage: Stage) {
        self.shown.say(match stage {
            Stage::Queued => "in the node's pool, behind an earlier transaction of the account that is missing".into(),
            Stage::Pool => "in the node's pool; waiting for a block".into(),
            Stage::InBlock(block) => format!("in block {}; waiting until that is final", block.number),
            Stage::Searched => "the node does not say what became of it; looking through the blocks".into(),
        });
    }

    fn decided(&self) {
        if let Some((path, _)) = self.kept().take() {
            // What stays is only waited for once more.
            let _ = fs::remove_file(path);
        }
    }
}

fn how_to_go_on(path: &Path) -> String {
    format!(
        "`laurel submit --transaction {}` goes on waiting for it",
        path.display()
    )
}

/// What earlier commands of a wallet sent that is not decided, and that nobody waits for: what each is, and how to go on.
pub fn left(wallet: &Path) -> Vec<(String, String)> {
    let files = fs::read_dir(wallet.join(FOLDER)).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = files.map(|file| file.path()).collect();
    paths.sort();
    let alone = |path: &PathBuf| File::open(path).is_ok_and(|file| file.try_lock().is_ok());
    let read = |path: PathBuf| {
        let (_, call, transaction) = carried::read_signed(&path).ok()?;
        let what = format!(
            "it is not known what became of {call}, sent earlier (nonce {})",
            transaction.nonce
        );
        Some((what, how_to_go_on(&path)))
    };
    paths.into_iter().filter(alone).filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use laurel_chain::AccountId;
    use std::os::unix::fs::PermissionsExt;

    const GENESIS: BlockHash = BlockHash([7; 32]);

    fn signed(nonce: u64) -> SignedTransaction {
        SignedTransaction {
            account: Some(AccountId([1; 32])),
            nonce,
            birth: 5,
            last_block: 68,
            bytes: vec![4, nonce as u8],
        }
    }

    fn files(wallet: &Path) -> usize {
        fs::read_dir(wallet.join(FOLDER)).map_or(0, Iterator::count)
    }

    #[test]
    fn what_is_sent_is_kept_until_it_is_decided_and_the_last_signature_alone() {
        let wallet = tempfile::tempdir().unwrap();
        let sent = Sent::new(wallet.path(), GENESIS, "Balances.transfer");
        assert_eq!(files(wallet.path()), 0, "nothing is sent yet");
        sent.sending(&signed(1)).unwrap();
        sent.sending(&signed(2)).unwrap();
        assert_eq!(files(wallet.path()), 1);
        assert!(left(wallet.path()).is_empty(), "somebody waits for it");
        let failed = sent.failed(ChainError::Lost("dropped")).to_string();
        let path = wallet.path().join(FOLDER).join(format!("{}.json", signed(2).hash()));
        assert!(failed.contains(path.to_str().unwrap()), "{failed}");
        assert_eq!(
            carried::read_signed(&path).unwrap(),
            (GENESIS, "Balances.transfer".into(), signed(2))
        );
        let left_over = left(wallet.path());
        assert!(
            left_over.len() == 1 && left_over[0].0.contains("nonce 2"),
            "{left_over:?}"
        );

        let again = Sent::again(&path, GENESIS, "Balances.transfer");
        assert!(left(wallet.path()).is_empty(), "somebody waits for it again");
        again.decided();
        assert_eq!(files(wallet.path()), 0);
        let nothing = again.failed(ChainError::Lost("dropped")).to_string();
        assert_eq!(nothing, "Balances.transfer", "nothing to go on with");
    }

    #[test]
    fn a_file_of_somebody_elses_stays_where_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signed.json");
        carried::write_signed(&path, GENESIS, "A.b", &signed(1)).unwrap();
        Sent::again(&path, GENESIS, "A.b").decided();
        assert!(path.exists());
    }

    #[test]
    fn nothing_is_sent_that_cannot_be_kept_but_from_a_wallet_that_is_only_read() {
        let wallet = tempfile::tempdir().unwrap();
        fs::write(wallet.path().join(FOLDER), "no folder").unwrap();
        let refused = Sent::new(wallet.path(), GENESIS, "A.b").sending(&signed(1));
        assert!(refused.is_err());
        fs::remove_file(wallet.path().join(FOLDER)).unwrap();
        fs::set_permissions(wallet.path(), fs::Permissions::from_mode(0o500)).unwrap();
        // Whoever may do everything can write even so, and keeps it.
        Sent::new(wallet.path(), GENESIS, "A.b").sending(&signed(1)).unwrap();
        fs::set_permissions(wallet.path(), fs::Permissions::from_mode(0o700)).unwrap();
    }
}
