//! What comes out of a bundle, for people.
use super::{
    on_chain::OnChain,
    recount::{Comparison, Recount, Recounted, RecountedEpoch},
};
use laurel_chain::AccountId;
use std::fmt;

impl fmt::Display for Recount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let validator = AccountId(self.validator);
        writeln!(f, "subnet {}, uid {}, judged by {validator}", self.netuid, self.uid)?;
        for epoch in &self.epochs {
            write!(f, "\n{epoch}")?;
            let mut receipts = self.receipts.iter().filter(|receipt| receipt.epoch == epoch.epoch);
            receipts.try_for_each(|receipt| write!(f, "{receipt}"))?;
        }
        let count =
            |is: fn(&Comparison) -> bool| self.receipts.iter().filter(|receipt| is(&receipt.comparison)).count();
        writeln!(
            f,
            "\n{} receipts: {} recomputed, {} differ, {} cannot be recomputed",
            self.receipts.len(),
            count(|finding| matches!(finding, Comparison::Same)),
            count(|finding| matches!(finding, Comparison::Differs(_))),
            count(|finding| matches!(finding, Comparison::Cannot(_))),
        )
    }
}

impl fmt::Display for RecountedEpoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = hex::encode(self.root);
        writeln!(
            f,
            "epoch {}: {} receipts of all miners, root 0x{root}",
            self.epoch, self.leaves
        )?;
        for difference in &self.differences {
            writeln!(f, "  differs: {difference}")?;
        }
        match &self.on_chain {
            OnChain::Same(block) => writeln!(f, "  on chain: the same, in block {block}"),
            OnChain::Other(block, root) => {
                writeln!(
                    f,
                    "  differs: in block {block} the validator put 0x{} on chain",
                    hex::encode(root)
                )
            }
            OnChain::NotCompared(why) => writeln!(f, "  on chain: not compared, {why}"),
        }
    }
}

impl fmt::Display for Recounted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  leaf {}, block {}: {}", self.leaf, self.block, self.summary)?;
        let (verdict, score, rating) = &self.written;
        writeln!(
            f,
            "    {verdict}, score {}, rating {}",
            score.exact(),
            rating.value.exact()
        )?;
        match &self.comparison {
            Comparison::Same => writeln!(f, "    recomputed"),
            Comparison::Differs(what) => what.iter().try_for_each(|what| writeln!(f, "    differs: {what}")),
            Comparison::Cannot(why) => writeln!(f, "    cannot: {why}"),
        }
    }
}
