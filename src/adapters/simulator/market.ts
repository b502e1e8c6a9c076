import { Agenda } from './agenda.ts';
import { CATEGORIES } from './catalogue.ts';
import type { Prng } from './prng.ts';

/** Something for sale. Outside the market, an item is only this. */
export interface Item {
  readonly number: number;
  readonly seller: number;
  readonly category: number;
  readonly priceMinor: number;
  /** Probability that somebody who wants to buy, can afford it and looks at it takes it. */
  readonly appeal: number;
  readonly listedSlice: number;
}

const NOWHERE = -1;
const NEWEST_SHARE = 8;

/**
 * The items for sale, at most `capacity` of them, in columns of typed arrays (about 50 bytes an item with its
 * shelf and agenda). Slots are given out round and round: when the market is full, the next slot still holds
 * the item that has been there longest, which the caller takes down.
 */
export class Market {
  readonly capacity: number;
  /** When each item's seller looks after it next. */
  readonly reviews: Agenda;
  private readonly itemNumber: Float64Array;
  private readonly seller: Int32Array;
  private readonly category: Uint8Array;
  private readonly priceMinor: Uint32Array;
  private readonly appeal: Float32Array;
  private readonly listedSlice: Int32Array;
  private readonly placeOnShelf: Int32Array;
  private readonly shelves: number[][] = CATEGORIES.map(() => []);
  private nextSlot = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.reviews = new Agenda(capacity);
    this.itemNumber = new Float64Array(capacity);
    this.seller = new Int32Array(capacity);
    this.category = new Uint8Array(capacity);
    this.priceMinor = new Uint32Array(capacity);
    this.appeal = new Float32Array(capacity);
    this.listedSlice = new Int32Array(capacity);
    this.placeOnShelf = new Int32Array(capacity).fill(NOWHERE);
  }

  /** The slot the next `add` must go to; it may still hold an item. */
  claimSlot(): number {
    const slot = this.nextSlot;
    this.nextSlot = (slot + 1) % this.capacity;
    return slot;
  }

  holds(slot: number): boolean {
    return this.placeOnShelf[slot] !== NOWHERE;
  }

  /** The slot must be empty. */
  add(slot: number, item: Item): void {
    this.itemNumber[slot] = item.number;
    this.seller[slot] = item.seller;
    this.category[slot] = item.category;
    this.priceMinor[slot] = item.priceMinor;
    this.appeal[slot] = item.appeal;
    this.listedSlice[slot] = item.listedSlice;
    const shelf = this.shelves[item.category] ?? [];
    this.placeOnShelf[slot] = shelf.push(slot) - 1;
  }

  /** Takes the item off its shelf and out of the agenda. The slot must hold one. */
  remove(slot: number): void {
    const shelf = this.shelves[this.category[slot] ?? 0] ?? [];
    const place = this.placeOnShelf[slot] ?? 0;
    const last = shelf.pop();
    if (last !== undefined && last !== slot) {
      shelf[place] = last;
      this.placeOnShelf[last] = place;
    }
    this.placeOnShelf[slot] = NOWHERE;
    this.reviews.cancel(slot);
  }

  reprice(slot: number, priceMinor: number, appeal: number): void {
    this.priceMinor[slot] = priceMinor;
    this.appeal[slot] = appeal;
  }

  itemAt(slot: number): Item {
    return {
      number: this.itemNumber[slot] ?? 0,
      seller: this.sellerAt(slot),
      category: this.category[slot] ?? 0,
      priceMinor: this.priceAt(slot),
      appeal: this.appeal[slot] ?? 0,
      listedSlice: this.listedSlice[slot] ?? 0,
    };
  }

  sellerAt(slot: number): number {
    return this.seller[slot] ?? 0;
  }

  priceAt(slot: number): number {
    return this.priceMinor[slot] ?? 0;
  }

  /** A random slot that holds an item of the category, or −1; `newest` looks where the newest mostly are. */
  findSlot(chance: Prng, category: number, newest: boolean): number {
    const shelf = this.shelves[category] ?? [];
    if (shelf.length === 0) return NOWHERE;
    const reach = newest ? Math.ceil(shelf.length / NEWEST_SHARE) : shelf.length;
    return shelf[shelf.length - 1 - chance.below(reach)] ?? NOWHERE;
  }
}
