import AppLayout from '@cloudscape-design/components/app-layout';
import Flashbar, { type FlashbarProps } from '@cloudscape-design/components/flashbar';
import LiveRegion from '@cloudscape-design/components/live-region';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Config } from '../config';
import { inWorkspace, openDesk, placeOf } from '../connect/desk';
import type { Desk } from '../connect/types';
import { shown } from '../mail/text';
import type { Mailroom } from '../mailroom';
import { mailTask, sortTasks, type MailTask } from '../task';
import { Header } from './Header';
import { useDeskView, useMedia } from './hooks';
import { NothingSelected } from './NothingSelected';
import { TaskList } from './TaskList';
import { TaskView } from './TaskView';

const KEEP_ALIVE_MS = 60_000;
const NARROW = '(max-width: 688px)';

/** Runs an action of the desk and reports its failure instead of throwing. */
export type Act = (what: string, action: () => Promise<void>) => Promise<boolean>;

export function Shell({ config, room }: { config: Config; room: Mailroom }) {
  const [desk, setDesk] = useState<Desk | null>(null);
  const [flashes, setFlashes] = useState<FlashbarProps.MessageDefinition[]>([]);
  const [selected, setSelected] = useState<string | null>(null);
  const [listOpen, setListOpen] = useState(true);
  const narrow = useMedia(NARROW);
  const workspace = useMemo(() => inWorkspace(config, placeOf(window)), [config]);
  const panel = useRef<HTMLDivElement>(null);
  const started = useRef(false);
  // Until the whisper flow has run, an accepted task still looks offered.
  const [accepting, setAccepting] = useState<ReadonlySet<string>>(new Set());
  const { agent, tasks: contacts, trouble } = useDeskView(desk);
  const tasks = useMemo(() => sortTasks(contacts.map(mailTask)), [contacts]);
  const offered = tasks.filter((each) => each.task.state === 'offered' && !accepting.has(each.task.id));
  const current = tasks.find((each) => each.task.id === selected) ?? null;

  const flash = (header: string, content: string): void => {
    const id = crypto.randomUUID();
    const dismiss = (): void => setFlashes((all) => all.filter((each) => each.id !== id));
    const item = { id, header, content, type: 'error', dismissible: true, onDismiss: dismiss } as const;
    setFlashes((all) => [...all.slice(-2), item]);
  };

  const act: Act = async (what, action) => {
    try {
      await action();
      return true;
    } catch (error) {
      flash(`${what} did not work`, (error as Error).message);
      return false;
    }
  };

  useEffect(() => {
    if (started.current || (!workspace && !panel.current)) return;
    started.current = true;
    openDesk(config, workspace ? null : panel.current).then(setDesk, (error: Error) =>
      flash('Amazon Connect could not be started', error.message),
    );
  }, [config, workspace]);

  useEffect(() => {
    const timer = setInterval(() => void room.keepAlive(), KEEP_ALIVE_MS);
    return () => clearInterval(timer);
  }, [room]);

  useEffect(() => room.retain(new Set(contacts.map((task) => task.id))), [room, contacts]);

  useEffect(() => {
    const still = new Set(contacts.filter((task) => task.state === 'offered').map((task) => task.id));
    setAccepting((all) => ([...all].every((id) => still.has(id)) ? all : new Set([...all].filter((id) => still.has(id)))));
  }, [contacts]);

  useEffect(() => {
    document.title = offered.length ? `(${offered.length}) ${config.title}` : config.title;
  }, [offered.length, config.title]);

  useEffect(() => {
    // Nothing in view, or it has left: go on with the work in hand.
    if (current) return;
    const next = tasks.find((each) => each.task.state === 'connected');
    setSelected(next?.task.id ?? null);
    if (narrow) setListOpen(!next);
  }, [current, tasks, narrow]);

  const select = (id: string): void => {
    setSelected(id);
    if (narrow) setListOpen(false);
    requestAnimationFrame(() => {
      const title = document.getElementById('mail-title');
      // The answer to an accept may come when the keyboard is already at work on the mail.
      if (!title?.closest('main')?.contains(document.activeElement)) title?.focus();
    });
  };

  const accept = async (task: MailTask): Promise<void> => {
    const { id } = task.task;
    if (!desk) return;
    setAccepting((all) => new Set(all).add(id));
    if (await act('Accepting', () => desk.accept(id))) select(id);
    else setAccepting((all) => new Set([...all].filter((each) => each !== id)));
  };
  const reject = (task: MailTask): void => {
    void act('Rejecting', async () => desk?.reject?.(task.task.id));
  };
  const changeState = (name: string): void => {
    void act('Changing your state', async () => desk?.setState?.(name));
  };

  // In a wide window the list shows them.
  const hidden = narrow && !listOpen ? offered.filter((each) => each.task.id !== selected) : [];
  const offers: FlashbarProps.MessageDefinition[] = hidden.slice(0, 1).map((each) => ({
    id: each.task.id,
    type: 'info',
    content: hidden.length > 1 ? `${hidden.length} emails are offered to you` : `New email from ${shown(each.from)}`,
    buttonText: hidden.length > 1 ? 'Show' : 'Accept',
    onButtonClick: () => (hidden.length > 1 ? setListOpen(true) : void accept(each)),
  }));

  return (
    <>
      <div id="top" className="top">
        <Header config={config} agent={agent} onState={changeState} />
      </div>
      <LiveRegion hidden>
        {offered.length > 0 && `New email offered from ${offered.map((each) => shown(each.from)).join(', ')}`}
      </LiveRegion>
      <AppLayout
        headerSelector="#top"
        navigationWidth={340}
        navigationOpen={listOpen}
        onNavigationChange={({ detail }) => setListOpen(detail.open)}
        toolsHide
        maxContentWidth={1160}
        ariaLabels={{
          navigation: 'My emails',
          navigationToggle: 'Show my emails',
          navigationClose: 'Hide my emails',
        }}
        navigation={
          <TaskList
            tasks={tasks}
            agent={agent}
            trouble={trouble}
            selected={selected}
            accepting={accepting}
            panel={workspace ? null : panel}
            onSelect={select}
            onAccept={(task) => void accept(task)}
            onReject={desk?.reject ? reject : null}
          />
        }
        notifications={<Flashbar items={[...flashes, ...offers]} />}
        content={
          current && desk ? (
            <TaskView
              key={current.task.id}
              task={current}
              desk={desk}
              room={room}
              act={act}
              accepting={accepting.has(current.task.id)}
              onAccept={() => void accept(current)}
              onReject={() => reject(current)}
            />
          ) : (
            <NothingSelected agent={agent} tasks={tasks} workspace={workspace} onState={changeState} />
          )
        }
      />
    </>
  );
}
