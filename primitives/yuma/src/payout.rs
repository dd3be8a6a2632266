//! An epoch's results as shares of an amount.
use crate::{
    apportion::{apportion, quota},
    epoch::EpochOutput,
    Fixed,
};
use alloc::vec::Vec;

impl EpochOutput {
    /// Divides `amount` in the classic manner: half by incentive and half by dividends, or everything by the one that is
    /// there; without either, by stake among validators. Returns for each uid the server's part, the validator's part and
    /// their sum. The sums add up to `amount`, unless the subnet has no stake at all: then all are zero.
    pub fn split_emission(&self, amount: u64) -> (Vec<u64>, Vec<u64>, Vec<u64>) {
        let (server_parts, validator_parts) = self.emission_parts();
        let parts: Vec<u64> = server_parts
            .iter()
            .zip(&validator_parts)
            .map(|(server, validator)| server.saturating_add(*validator))
            .collect();
        let whole: u128 = parts.iter().copied().map(u128::from).sum();
        let combined = apportion(amount, &parts);
        let divided = server_parts
            .iter()
            .zip(&validator_parts)
            .zip(&combined)
            .map(|((server, validator), sum)| {
                let (server, server_rest) = quota(amount, *server, whole);
                let (validator, validator_rest) = quota(amount, *validator, whole);
                // Rounding the sum leaves none, one or two units above the two rounded quotas.
                match sum.saturating_sub(server).saturating_sub(validator) {
                    0 => (server, validator),
                    1 if server_rest < validator_rest => (server, validator + 1),
                    1 => (server + 1, validator),
                    _ => (server + 1, sum.saturating_sub(server + 1)),
                }
            });
        let (server, validator) = divided.unzip();
        (server, validator, combined)
    }

    /// For each uid the parts of emission that it gets as server and as validator.
    fn emission_parts(&self) -> (Vec<u64>, Vec<u64>) {
        let shares = || self.incentive_share.iter().zip(&self.dividend_share);
        let sum: u128 = shares()
            .map(|(incentive, dividend)| u128::from(*incentive) + u128::from(*dividend))
            .sum();
        if sum == 0 {
            return (alloc::vec![0; self.fallback_share.len()], self.fallback_share.clone());
        }
        // Rounded to 32 fraction bits, as the classic chain's shares are.
        let part = |share: &u64| Fixed::from_ratio(u128::from(*share), sum).raw_part();
        (
            self.incentive_share.iter().map(part).collect(),
            self.dividend_share.iter().map(part).collect(),
        )
    }
}
