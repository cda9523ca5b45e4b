// What the page knows of Amazon Connect. Only streams.ts and workspace.ts fill these in.

export type TaskState = 'offered' | 'connected' | 'after-contact' | 'missed' | 'error';

export interface Reference {
  readonly type: string;
  readonly value: string;
}

/** One contact of the channel TASK, as it was at the last snapshot. */
export interface Task {
  readonly id: string;
  readonly state: TaskState;
  /** Milliseconds since the epoch at which the task came into this state. */
  readonly since: number;
  readonly name: string;
  readonly description: string;
  readonly queue: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly references: Readonly<Record<string, Reference>>;
}

export interface AgentState {
  readonly name: string;
  readonly type: string;
}

export interface Agent {
  readonly name: string;
  /** Empty where the host does not tell. */
  readonly username: string;
  /** null where the host shows it and this page does not. */
  readonly state: AgentState | null;
  readonly states: readonly AgentState[];
}

/**
 * Why there is no agent, or no task: not signed in, the page's origin is not approved for the
 * instance, or the agent workspace did not answer or keeps the attributes from the page.
 */
export type Trouble = 'signed-out' | 'denied' | 'unreachable' | 'no-workspace' | 'no-attributes';

export interface DeskView {
  readonly agent: Agent | null;
  readonly tasks: readonly Task[];
  readonly trouble: Trouble | null;
}

/** A place a task can be transferred to. */
export interface QuickConnect {
  readonly arn: string;
  readonly name: string;
  readonly type: string;
}

/**
 * The agent's desk in Amazon Connect. Actions reject with an Error whose message can be shown;
 * those that are missing are done elsewhere, in the host the page is part of.
 */
export interface Desk {
  view(): DeskView;
  subscribe(listener: () => void): () => void;
  setState?(name: string): Promise<void>;
  accept(taskId: string): Promise<void>;
  reject?(taskId: string): Promise<void>;
  /** Ends the work on a task; it stays with the agent as after-contact work. */
  end?(taskId: string): Promise<void>;
  /** Lets go of a task that is over (after contact, missed or failed). */
  close(taskId: string): Promise<void>;
  quickConnects(): Promise<QuickConnect[]>;
  transfer(taskId: string, to: QuickConnect): Promise<void>;
}
