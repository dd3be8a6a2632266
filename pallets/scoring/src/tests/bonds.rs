use crate::{mock::*, Bonds};
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

fn stored() -> Vec<Vec<(u16, u16)>> {
    let mut rows = vec![vec![]; 256];
    for (validator, row) in Scoring::bonds(NET) {
        rows[validator.index()] = row.into_iter().map(|(uid, bond)| (uid.0, bond)).collect();
    }
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn bonds_come_back_from_storage_as_they_were_put(rows in rows()) {
        full_subnet().build_and_execute(|| {
            Scoring::put_bonds(NET, &rows);
            assert_eq!(stored(), positive(&rows));
        });
    }

    #[test]
    fn replacing_a_neuron_ends_its_row_and_its_column_of_bonds_and_nothing_else(rows in rows(), uid in 0u16..256) {
        full_subnet().build_and_execute(|| {
            Scoring::put_bonds(NET, &rows);
            World::replace(NET, Uid(uid), 9_999);
            let mut expected = positive(&rows);
            expected[usize::from(uid)].clear();
            expected.iter_mut().for_each(|row| row.retain(|entry| entry.0 != uid));
            assert_eq!(stored(), expected);
            assert!(Scoring::bonds(NET).iter().all(|(validator, _)| validator.0 != uid));
        });
    }
}

#[test]
fn without_bonds_nothing_is_stored() {
    full_subnet().build_and_execute(|| {
        Scoring::put_bonds(NET, &vec![vec![(0, 1)]; 256]);
        assert_eq!(Bonds::<Test>::get(NET).validators.len(), 256);
        Scoring::put_bonds(NET, &vec![vec![]; 256]);
        assert!(!Bonds::<Test>::contains_key(NET));
    });
}

#[test]
fn bonds_on_a_neuron_that_registers_in_the_block_of_the_epoch_do_not_pass_to_it() {
    full_subnet().build_and_execute(|| {
        Scoring::put_bonds(NET, &vec![vec![(7, 65_535)]; 256]);
        World::replace(NET, Uid(7), 9_999);
        assert!(Scoring::bonds(NET).is_empty());
    });
}
