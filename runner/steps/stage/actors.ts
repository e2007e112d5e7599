import type { Exchange } from '../../wire/exchange.ts'
import { type Actor, UnknownActor } from './actor.ts'

/** A class of actors; `kindName` completes the message `"x" is not …`. */
interface Kind<A extends Actor> {
  new (...args: never[]): A
  readonly kindName: string
}

/** The most names that a message lists. */
const maxListed = 20

/** The actors of one case, by name. A new actor replaces an earlier one of the same name. */
export class Actors {
  readonly #actors = new Map<string, Actor>()

  add(actor: Actor): void {
    this.#actors.set(actor.name, actor)
  }

  /** Throws `UnknownActor`. */
  get(name: string): Actor {
    const actor = this.#actors.get(name)
    if (actor === undefined)
      throw new UnknownActor(
        `no actor is called "${name}" yet; known actors: ${[...this.#actors.keys()].slice(0, maxListed).join(', ') || 'none'}`,
      )
    return actor
  }

  /** The actor of that name. Throws `UnknownActor` if there is none, or if it is of another kind. */
  getAs<A extends Actor>(name: string, kind: Kind<A>): A {
    const actor = this.get(name)
    if (!(actor instanceof kind)) throw new UnknownActor(`"${name}" is not ${kind.kindName}`)
    return actor
  }

  /** All actors of one kind. */
  all<A extends Actor>(kind: Kind<A>): A[] {
    return [...this.#actors.values()].filter((actor): actor is A => actor instanceof kind)
  }

  /** The names of the actors that a name in a case refers to: `waiter` itself, or `waiter 1` to `waiter 50`. */
  names(name: string): readonly string[] {
    if (this.#actors.has(name)) return [name]
    const numbered = [...this.#actors.keys()].filter(
      (one) => one.startsWith(`${name} `) && /^\d+$/.test(one.slice(name.length + 1)),
    )
    return numbered.length > 0 ? numbered : [name]
  }

  /** The request of an actor, with its response. Throws `UnknownActor` if the kit sent none for that actor. */
  exchange(name: string): Exchange {
    const { exchange } = this.get(name)
    if (exchange === undefined) throw new UnknownActor(`"${name}" has no request of the kit`)
    return exchange
  }
}
