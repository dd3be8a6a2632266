//! What clients read.
use crate::mock::*;
use laurel_types::{NetUid, RootInfo, RootSeat};

#[test]
fn the_root_network_is_read_with_seats_by_stake() {
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!(
            Root::root_info(),
            RootInfo {
                seats: vec![],
                split: vec![],
                next_split_at: TEMPO
            }
        );
        seat(102, 10);
        seat(101, 10);
        seat(100, 20);
        run_to_block(4);
        vote(100, &[(2, 9)]);
        run_to_block(TEMPO);
        let silent = |hotkey| RootSeat {
            hotkey,
            stake: 10,
            weights: vec![],
            last_update: 0,
        };
        let voter = RootSeat {
            hotkey: 100,
            stake: 20,
            weights: vec![(NetUid(2), u16::MAX)],
            last_update: 4,
        };
        assert_eq!(
            Root::root_info(),
            RootInfo {
                seats: vec![voter, silent(101), silent(102)],
                split: vec![(NetUid(2), u64::MAX)],
                next_split_at: 2 * TEMPO,
            }
        );
    });
}
