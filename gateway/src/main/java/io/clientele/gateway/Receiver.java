package io.clientele.gateway;

/**
 * Hears what became of the parts of a call: of each once, in any order, on whichever thread found
 * out. It takes the news and returns; it must not wait.
 *
 * @param <V> what there is of a part
 */
interface Receiver<V> {

  /**
   * What it throws may come back to it as the part's failure.
   *
   * @param index the part's place in the call
   */
  void received(int index, V value);

  /**
   * @param index the part's place in the call
   * @param failure why there is no value; not wrapped
   */
  void failed(int index, Throwable failure);
}
