//! The classic chain's vectors for child hotkeys. Their proportions have 32 fraction bits there and 64 here, so that some of their
//! numbers differ from ours, always by what they lose: those say both.
use crate::{mock::*, Contributions, Parting};
use laurel_types::{Proportion, Take};

/// A set of links and what backs each hotkey then.
struct Vector {
    id: &'static str,
    stakes: &'static [u64],
    /// Parent, child and proportion, hotkeys by place in `stakes`.
    links: &'static [(usize, usize, u64)],
    /// What the classic chain says, and what Laurel says.
    expected: &'static [(u64, u64)],
}

const ALL: u64 = u64::MAX;
const HALF_DOWN: u64 = 9_223_372_036_854_775_807;

const STAKE_ON_SUBNET: [Vector; 6] = [
    Vector {
        id: "childstake/full",
        stakes: &[2_000, 2_000],
        links: &[(0, 1, ALL)],
        expected: &[(0, 0), (4_000, 4_000)],
    },
    Vector {
        // A quarter of a unit below a quarter each: 64 bits round that to one leaf, 32 bits to 23284.
        id: "childstake/quarters",
        stakes: &[100_000_000_000_000, 0, 0, 0],
        links: &[
            (0, 1, 4_611_686_018_427_387_903),
            (0, 2, 4_611_686_018_427_387_903),
            (0, 3, 4_611_686_018_427_387_903),
        ],
        expected: &[
            (25_000_000_069_852, 25_000_000_000_003),
            (24_999_999_976_716, 24_999_999_999_999),
            (24_999_999_976_716, 24_999_999_999_999),
            (24_999_999_976_716, 24_999_999_999_999),
        ],
    },
    Vector {
        id: "childstake/two_parents",
        stakes: &[1_000, 2_000, 0],
        links: &[(0, 2, HALF_DOWN), (1, 2, HALF_DOWN)],
        expected: &[(501, 501), (1_001, 1_001), (1_498, 1_498)],
    },
    Vector {
        // Exact thirds.
        id: "childstake/two_children",
        stakes: &[3_000, 0, 0],
        links: &[(0, 1, 6_148_914_691_236_517_205), (0, 2, 6_148_914_691_236_517_205)],
        expected: &[(1_002, 1_000), (999, 1_000), (999, 1_000)],
    },
    Vector {
        // A proportion of 0 is refused here, so the link that lends nothing is left out.
        id: "childstake/edge",
        stakes: &[500_000_000_000_000, 0, 0],
        links: &[(0, 2, ALL)],
        expected: &[(0, 0), (0, 0), (500_000_000_000_000, 500_000_000_000_000)],
    },
    Vector {
        // The links of the third come first: here a parent needs stake when it proposes.
        id: "childstake/hierarchy",
        stakes: &[1_000, 0, 0, 0],
        links: &[(1, 3, ALL), (0, 1, HALF_DOWN), (0, 2, HALF_DOWN)],
        expected: &[(2, 2), (499, 499), (499, 499), (0, 0)],
    },
];

#[test]
fn stake_on_a_subnet_is_the_classic_chains_but_for_its_lost_bits() {
    for vector in STAKE_ON_SUBNET {
        execute(|| {
            let hotkeys = populate(vector.stakes);
            for hotkey in &hotkeys {
                let of: Vec<_> = vector
                    .links
                    .iter()
                    .filter(|(parent, _, _)| hotkeys[*parent] == *hotkey)
                    .map(|(_, child, proportion)| (Proportion(*proportion), hotkeys[*child]))
                    .collect();
                if !of.is_empty() {
                    let stake = Stakes::get(hotkey).0;
                    set_stake(*hotkey, stake.max(MIN_STAKE));
                    link(*hotkey, &of);
                    set_stake(*hotkey, stake);
                }
            }
            for (hotkey, (_classic, laurel)) in hotkeys.iter().zip(vector.expected) {
                assert_eq!(stake_on(*hotkey), *laurel, "{}", vector.id);
            }
            let sum = |of: &dyn Fn(&(u64, u64)) -> u64| vector.expected.iter().map(of).sum::<u64>();
            assert_eq!(
                sum(&|e| e.0),
                sum(&|e| e.1),
                "both chains agree on the sum: {}",
                vector.id
            );
        });
    }
}

#[test]
fn a_chain_of_lenders_is_paid_as_on_the_classic_chain() {
    // childemission/chain: A lends half to B, and B half of its own to C.
    execute(|| {
        let [a, b, c] = populate(&[300_000, 100_000, 50_000])[..] else {
            panic!()
        };
        link(a, &[(Proportion(HALF_DOWN), b)]);
        link(b, &[(Proportion(HALF_DOWN), c)]);
        assert_eq!((stake_on(a), stake_on(b), stake_on(c)), (150_001, 200_000, 99_999));
        skip_blocks(TEMPO);
        end_epoch(NETUID);
        skip_blocks(TEMPO);
        end_epoch_paying(NETUID, &[(a, 333_335), (b, 444_444), (c, 222_219)]);
        let paid = [dividends(a), dividends(b), dividends(c)];
        assert_eq!(paid.iter().sum::<u64>(), 999_998);
        // Classic: 666667, 222222, 111109.
        assert_eq!(paid, [666_668, 222_220, 111_110]);
    });
}

/// `accumulate/*`: stakes of the parents with what they lend, own stake, take, dividends; then classic (parents, child) and Laurel's.
type Accumulate = (
    &'static str,
    &'static [(u64, u64)],
    u64,
    u16,
    u64,
    &'static [u64],
    &'static [u64],
);

#[test]
fn dividends_of_a_child_are_divided_as_on_the_classic_chain_but_for_its_lost_bits() {
    let vectors: [Accumulate; 4] = [
        ("accumulate/no_parents", &[], 1_000, 11_796, 500, &[500], &[500]),
        (
            // Half of it each, less an exact fifth.
            "accumulate/full_parent_20pct",
            &[(100_000_000_000, ALL)],
            100_000_000_000,
            13_107,
            1_000_000_000,
            &[400_000_001, 599_999_999],
            &[400_000_000, 600_000_000],
        ),
        (
            "accumulate/two_parents",
            &[(200_000, HALF_DOWN), (150_000, 4_611_686_018_427_387_903)],
            20_000,
            11_796,
            1_000_000,
            &[520_644, 195_242, 284_114],
            &[520_639, 195_237, 284_124],
        ),
        // Nothing backs the child: all is its own.
        ("accumulate/zero_stake", &[(0, ALL)], 0, 0, 777, &[0, 777], &[777]),
    ];
    for (id, parents, own, take, amount, classic, laurel) in vectors {
        let lent = |(stake, part): &(u64, u64)| Proportion(*part).of((*stake).into());
        let contributions = Contributions {
            own: own.into(),
            parents: parents.iter().map(lent).collect(),
        };
        let parting = Parting::of(amount, &contributions.weights(), Take(take));
        let mut paid = parting.parents.clone();
        paid.push(parting.own + parting.take);
        assert_eq!(paid, laurel, "{id}");
        assert_eq!(paid.iter().sum::<u64>(), classic.iter().sum::<u64>(), "{id}");
    }
}
