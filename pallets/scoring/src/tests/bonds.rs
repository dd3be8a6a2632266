use crate::{mock::*, Bonds, BOND_GROUPS};
use laurel_types::Uid;
use proptest::{collection, prelude::*};

/// Rows as an epoch returns them: ascending, some empty, some with zeros.
fn rows() -> impl Strategy<Value = Vec<Vec<(u16, u16)>>> {
    let row = collection::btree_map(0u16..256, prop_oneof![Just(0u16), any::<u16>()], 0..12);
    collection::vec(row.prop_map(|row| row.into_iter().collect()), 256)
}

fn positive(rows: &[Vec<(u16, u16)>]) -> Vec<Vec<(u16, u16)>> {
    rows.iter()
        .map(|row| row.iter().copied().filter(|entry| entry.1 > 0).collect())
        .collect()
}

fn full_subnet() -> ExtBuilder {
    ExtBuilder::default().stakes(&[0; 256])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn bonds_come_back_from_storage_as_they_were_put(rows in rows()) {
        full_subnet().build_and_execute(|| {
            Scoring::put_bonds(NET, &rows);
            assert_eq!(Scoring::bond_rows(NET, 256), positive(&rows));
        });
    }

    #[test]
    fn clearing_a_uid_removes_its_row_and_its_column_and_nothing_else(rows in rows(), uid in 0u16..256) {
        full_subnet().build_and_execute(|| {
            Scoring::put_bonds(NET, &rows);
            Scoring::clear_bonds(NET, Uid(uid));
            let mut expected = positive(&rows);
            expected[usize::from(uid)].clear();
            expected.iter_mut().for_each(|row| row.retain(|entry| entry.0 != uid));
            assert_eq!(Scoring::bond_rows(NET, 256), expected);
        });
    }
}

#[test]
fn fewer_validators_with_bonds_leave_no_group_behind() {
    full_subnet().build_and_execute(|| {
        Scoring::put_bonds(NET, &vec![vec![(0, 1)]; 256]);
        assert_eq!(Bonds::<Test>::iter_prefix(NET).count(), usize::from(BOND_GROUPS));
        Scoring::put_bonds(NET, &[vec![], vec![(0, 1)]]);
        assert_eq!(Bonds::<Test>::iter_prefix(NET).count(), 1);
        Scoring::put_bonds(NET, &[]);
        assert_eq!(Bonds::<Test>::iter_prefix(NET).count(), 0);
    });
}
