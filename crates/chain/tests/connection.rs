//! Connecting, refusing another chain, and coming back after the node was away.
use futures::StreamExt;
use jsonrpsee::{
    core::SubscriptionResult,
    server::{Server, ServerHandle},
    RpcModule, SubscriptionMessage,
};
use laurel_chain::{BlockHash, ChainClient, ChainError, ConnectOptions};
use std::{net::SocketAddr, time::Duration};

const GENESIS: BlockHash = BlockHash([0x11; 32]);

/// A node that knows its genesis and its best header.
async fn node(address: SocketAddr, genesis: BlockHash, best: u32) -> (SocketAddr, ServerHandle) {
    let server = Server::builder().build(address).await.unwrap();
    let address = server.local_addr().unwrap();
    let mut module = RpcModule::new(());
    module
        .register_method("chain_getBlockHash", move |_, _, _| genesis.to_string())
        .unwrap();
    let header = format!(
        r#"{{"parentHash":"{genesis}","number":"{best:#x}","stateRoot":"{genesis}","extrinsicsRoot":"{genesis}","digest":{{"logs":[]}}}}"#
    );
    let header_told = header.clone();
    module
        .register_method("chain_getHeader", move |_, _, _| {
            serde_json::from_str::<serde_json::Value>(&header).unwrap()
        })
        .unwrap();
    module
        .register_subscription(
            "chain_subscribeNewHeads",
            "chain_newHead",
            "chain_unsubscribeNewHeads",
            move |_, pending, _, _| {
                let head: serde_json::Value = serde_json::from_str(&header_told).unwrap();
                async move {
                    let sink = pending.accept().await?;
                    sink.send(SubscriptionMessage::from_json(&head)?).await?;
                    sink.closed().await;
                    SubscriptionResult::Ok(())
                }
            },
        )
        .unwrap();
    (address, server.start(module))
}

fn any_port() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

fn options() -> ConnectOptions {
    ConnectOptions {
        deadline: Duration::from_secs(10),
        request_deadline: Duration::from_secs(5),
        stall: Duration::from_secs(60),
        genesis: None,
    }
}

fn url(address: SocketAddr) -> String {
    format!("ws://{address}")
}

#[tokio::test]
async fn the_first_endpoint_that_answers_is_used() {
    let (gone, handle) = node(any_port(), GENESIS, 1).await;
    handle.stop().unwrap();
    handle.stopped().await;
    let (alive, _handle) = node(any_port(), GENESIS, 42).await;
    let client = ChainClient::connect(&[url(gone), url(alive)], options()).await.unwrap();
    assert_eq!(client.genesis_hash(), GENESIS);
    assert_eq!(client.best_block().await.unwrap().number, 42);
}

#[tokio::test]
async fn a_chain_with_another_genesis_is_refused_at_once() {
    let (address, _handle) = node(any_port(), GENESIS, 1).await;
    let expected = BlockHash([0x22; 32]);
    let options = ConnectOptions {
        genesis: Some(expected),
        ..options()
    };
    let error = ChainClient::connect(&[url(address)], options).await.unwrap_err();
    assert_eq!(
        error,
        ChainError::WrongChain {
            url: url(address),
            found: GENESIS,
            expected
        }
    );
    assert!(!error.to_string().contains('\n'));
}

#[tokio::test]
async fn a_chain_that_is_down_is_one_line_that_says_what_to_do() {
    let (address, handle) = node(any_port(), GENESIS, 1).await;
    handle.stop().unwrap();
    handle.stopped().await;
    let options = ConnectOptions {
        deadline: Duration::from_millis(300),
        ..options()
    };
    let error = ChainClient::connect(&[url(address)], options).await.unwrap_err();
    assert!(error.is_connection());
    let text = error.to_string();
    assert!(
        text.contains(&url(address)) && text.contains("start the node") && !text.contains('\n'),
        "{text}"
    );
}

#[tokio::test]
async fn a_url_that_is_not_a_websocket_is_refused_without_trying() {
    let error = ChainClient::connect(&["http://127.0.0.1:9944".into()], options())
        .await
        .unwrap_err();
    assert_eq!(error, ChainError::InvalidUrl("http://127.0.0.1:9944".into()));
}

#[tokio::test]
async fn a_read_goes_on_after_the_node_was_restarted() {
    let (address, handle) = node(any_port(), GENESIS, 7).await;
    let client = ChainClient::connect(&[url(address)], options()).await.unwrap();
    assert_eq!(client.best_block().await.unwrap().number, 7);
    handle.stop().unwrap();
    handle.stopped().await;
    let (_, _handle) = node(address, GENESIS, 8).await;
    assert_eq!(client.best_block().await.unwrap().number, 8);
}

#[tokio::test]
async fn a_client_does_not_go_on_with_another_chain_in_the_old_place() {
    let (address, handle) = node(any_port(), GENESIS, 7).await;
    let options = ConnectOptions {
        deadline: Duration::from_millis(500),
        ..options()
    };
    let client = ChainClient::connect(&[url(address)], options).await.unwrap();
    handle.stop().unwrap();
    handle.stopped().await;
    let (_, _handle) = node(address, BlockHash([0x33; 32]), 8).await;
    let error = client.best_block().await.unwrap_err();
    assert!(matches!(error, ChainError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_read_goes_on_at_the_next_endpoint_and_comes_back_from_it() {
    let (first, first_handle) = node(any_port(), GENESIS, 1).await;
    let (second, second_handle) = node(any_port(), GENESIS, 2).await;
    let client = ChainClient::connect(&[url(first), url(second)], options())
        .await
        .unwrap();
    assert_eq!(client.best_block().await.unwrap().number, 1);
    first_handle.stop().unwrap();
    first_handle.stopped().await;
    assert_eq!(client.best_block().await.unwrap().number, 2);
    let (_, _first_handle) = node(first, GENESIS, 3).await;
    second_handle.stop().unwrap();
    second_handle.stopped().await;
    assert_eq!(client.best_block().await.unwrap().number, 3);
}

#[tokio::test]
async fn an_endpoint_without_new_blocks_is_left_for_the_next() {
    let (stuck, _stuck) = node(any_port(), GENESIS, 1).await;
    let (alive, _alive) = node(any_port(), GENESIS, 2).await;
    let options = ConnectOptions {
        stall: Duration::from_millis(200),
        ..options()
    };
    let client = ChainClient::connect(&[url(stuck), url(alive)], options).await.unwrap();
    let mut blocks = client.blocks();
    // The first has its head to tell of, and then nothing more.
    for number in [1, 2] {
        assert_eq!(blocks.next().await.unwrap().number, number);
    }
}

/// Compiles only if transactions can be sent from spawned tasks.
#[test]
fn a_submission_can_move_between_threads() {
    fn is_send<T: Send>(_: &T) {}
    fn check(client: &ChainClient, key: &laurel_chain::Keypair) {
        is_send(&client.submit(key, laurel_chain::Call::Batch(Vec::new()), Default::default()));
    }
    let _ = check;
}
