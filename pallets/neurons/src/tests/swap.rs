//! Swapping a hotkey moves everything that is kept under it.
use crate::{mock::*, Axons, Neurons as Stored, Protected, Uids};
use frame_support::{assert_ok, weights::Weight};
use laurel_support::{Neurons as _, OnHotkeySwapped};
use laurel_types::{AxonAddress, NetUid, RegistrationId, Uid};

const OTHER: NetUid = NetUid(2);

#[test]
fn a_swapped_hotkey_keeps_its_neurons_with_registration_and_axon() {
    ExtBuilder::default().build_and_execute(|| {
        add_subnet(OTHER, OWNER, TheSubnets::get()[&NET].params);
        register(OWNER, 9);
        register(OWNER, 10);
        assert_ok!(Neurons::burned_register(
            RuntimeOrigin::signed(OWNER),
            OTHER,
            10,
            100,
            None
        ));
        assert_ok!(Neurons::protect_neuron(RuntimeOrigin::signed(OWNER), NET, 10));
        let address = AxonAddress::V4([8, 8, 8, 8], 80);
        assert_ok!(Neurons::publish_axon(RuntimeOrigin::signed(10), NET, address, 1, MODEL));

        assert!(Neurons::in_use(&10) && !Neurons::in_use(&77));
        assert_ok!(Neurons::on_hotkey_swapped(&10, &77));

        assert_eq!(Neurons::registrations(&77), vec![(NET, Uid(1)), (OTHER, Uid(0))]);
        assert!(!Neurons::in_use(&10));
        let neuron = Neurons::neuron(NET, Uid(1)).unwrap();
        assert_eq!((neuron.hotkey, neuron.registration), (77, RegistrationId(1)));
        assert_eq!(Protected::<Test>::get(NET), Some(77));
        assert!(Neurons::live_axon(NET, Uid(1)).is_some());
        // No value of any map names the old key.
        assert!(Stored::<Test>::iter_values().all(|neuron| neuron.hotkey != 10));
        assert!(Uids::<Test>::iter_key_prefix(10).next().is_none());
        assert_eq!(Axons::<Test>::iter().count(), 1);
        assert_eq!(
            <Neurons as OnHotkeySwapped<u64>>::swap_weight(),
            Weight::from_parts(40, 0)
        );
    });
}
